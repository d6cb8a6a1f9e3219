/* Cameras for DirectShow: one source filter, any number of cameras, for Wine or Windows.
 *
 * Each key under the category of video input devices names a text file in its value "Lab", which says what the
 * camera offers and how it behaves; it is read again while it streams. A line each:
 *
 *   mode=MJPG 1920x1080 30      offered, in this order; the first is the default, 30 the most it gives
 *   scene=FOLDER                its pictures: WxH.rgb, BGR, the lowest row first; where there are none, black
 *   start_ms= setup_ms=         from running to the first frame, at each start; to switch to a mode
 *   first_ms=3000 frames=0      no frame before that time of the process; never one
 *   end_s=2 how=lost,unlist,eos,silent    ends then: EC_DEVICE_LOST, its key removed, end of stream, nothing
 *   freeze_s= black= black_ms= slow_fps=  as they say
 *   refuse=MJPG 1920x1080       SetFormat fails
 *   norun=MJPG 1920x1080        the graph does not start in this mode; may stand several times
 *   bind= run=0x800705AA        BindToObject, Run fail with that
 *   exclusive=1                 a second process is told that it is busy
 *   strict=1                    SetFormat refuses a faster rate than the mode has
 *   any=1 granularity=0         SetFormat takes any size (as OBS does); OutputGranularityX and Y
 *   crash=20                    a null pointer at that frame
 *   log=FILE                    what it was asked for and did
 *
 * Whatever mode is set, the pin gives RGB24 pictures of that size, so that the graph needs no decoder, of
 * which Wine has none; only NV12, which OpenCV decodes itself, is given as such.
 */
#define COBJMACROS
#define INITGUID
#include <windows.h>
#include <dshow.h>
#include <ks.h>
#include <ksmedia.h>
#include <stdio.h>

DEFINE_GUID(CLSID_LabCamera, 0x1ab0ca30, 0x5d01, 0x4f2e, 0xbd, 0x3b, 0x00, 0x1a, 0xb0, 0xca, 0x30, 0x01);
DEFINE_GUID(PROPSET_PIN, 0x9b00f101, 0x1567, 0x11d1, 0xb3, 0xf1, 0x00, 0xaa, 0x00, 0x37, 0x61, 0xc5);
#define CATEGORY L"CLSID\\{860BB310-5D01-11d0-BD3B-00A0C911CE86}\\Instance"
/* What usbvideo.sys says of a camera that another program has: no system resources. */
#define BUSY 0x800705AA

static HINSTANCE module;
static LONG objects;
static LARGE_INTEGER began; /* of the first stream of this process */

typedef struct {
    char code[5];
    int w, h;
    double fps;
} Mode;
typedef struct {
    char scene[260], log[260], refuse[64], norun[400], how[32];
    Mode modes[32];
    int count, start_ms, first_ms, frames, black, exclusive, strict, any, granularity, bind, run, black_ms,
        setup_ms, crash;
    double end_s, freeze_s, slow_fps;
} Plan;

typedef struct Cam {
    IBaseFilter filter;
    IPersistPropertyBag bag;
    IPin pin;
    IAMStreamConfig config;
    IKsPropertySet props;
    LONG refs;
    IFilterGraph *graph;
    IReferenceClock *clock;
    WCHAR name[128], lab[260], device[260];
    FILTER_STATE state;
    IPin *peer;
    IMemInputPin *input;
    IMemAllocator *allocator;
    AM_MEDIA_TYPE mt; /* of the connection */
    int mode;
    double interval;
    int w, h;
    char code[5];
    HANDLE thread, stop, run, mutex;
    Plan plan;
} Cam;

static Cam *of_bag(IPersistPropertyBag *i) { return CONTAINING_RECORD(i, Cam, bag); }
static Cam *of_pin(IPin *i) { return CONTAINING_RECORD(i, Cam, pin); }
static Cam *of_config(IAMStreamConfig *i) { return CONTAINING_RECORD(i, Cam, config); }
static Cam *of_props(IKsPropertySet *i) { return CONTAINING_RECORD(i, Cam, props); }
static Cam *of_filter(IBaseFilter *i) { return CONTAINING_RECORD(i, Cam, filter); }

static double since(LARGE_INTEGER then) {
    LARGE_INTEGER now, f;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&f);
    return (double)(now.QuadPart - then.QuadPart) / f.QuadPart;
}

static void say(Cam *c, const char *format, ...) {
    FILE *f;
    va_list a;
    SYSTEMTIME t;
    if (!c->plan.log[0] || !(f = fopen(c->plan.log, "a")))
        return;
    GetLocalTime(&t);
    fprintf(f, "%02d:%02d:%02d.%03d %5lu %ls: ", t.wHour, t.wMinute, t.wSecond, t.wMilliseconds,
            GetCurrentProcessId(), c->name);
    va_start(a, format);
    vfprintf(f, format, a);
    va_end(a);
    fputc('\n', f);
    fclose(f);
}

static void plan_read(Cam *c) {
    char line[512], key[64], value[400];
    Plan p = {0};
    FILE *f = _wfopen(c->lab, L"r");
    p.frames = -1;
    p.end_s = p.freeze_s = 1e9;
    p.granularity = 1;
    p.start_ms = 300;
    if (!f)
        return;
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '#' || sscanf(line, "%63[^= ] = %399[^\r\n]", key, value) != 2)
            continue;
#define INT(n)                                                                                               \
    if (!strcmp(key, #n))                                                                                    \
    p.n = strtol(value, 0, 0)
#define DBL(n)                                                                                               \
    if (!strcmp(key, #n))                                                                                    \
    p.n = atof(value)
#define STR(n)                                                                                               \
    if (!strcmp(key, #n))                                                                                    \
    snprintf(p.n, sizeof p.n, "%s", value)
        INT(start_ms);
        INT(first_ms);
        INT(frames);
        INT(black);
        INT(black_ms);
        INT(setup_ms);
        INT(crash);
        INT(exclusive);
        INT(strict);
        INT(any);
        INT(granularity);
        if (!strcmp(key, "bind"))
            p.bind = strtoul(value, 0, 0);
        if (!strcmp(key, "run"))
            p.run = strtoul(value, 0, 0);
        DBL(end_s);
        DBL(freeze_s);
        DBL(slow_fps);
        STR(scene);
        STR(log);
        STR(refuse);
        if (!strcmp(key, "norun"))
            snprintf(p.norun + strlen(p.norun), sizeof p.norun - strlen(p.norun), "%s,", value);
        STR(how);
        if (!strcmp(key, "mode") && p.count < 32) {
            Mode *m = &p.modes[p.count];
            if (sscanf(value, "%4s %dx%d %lf", m->code, &m->w, &m->h, &m->fps) == 4)
                p.count++;
        }
    }
    fclose(f);
    c->plan = p;
}

static GUID subtype(const char *code) {
    GUID g = MEDIASUBTYPE_RGB24;
    if (strcmp(code, "RGB3")) {
        g = MEDIASUBTYPE_YUY2;
        memcpy(&g.Data1, code, 4);
    }
    return g;
}

static void type_fill(AM_MEDIA_TYPE *mt, const char *code, int w, int h, double interval) {
    VIDEOINFOHEADER *v = CoTaskMemAlloc(sizeof *v);
    int rgb = !strcmp(code, "RGB3"), bits = rgb                                              ? 24
                                            : !strcmp(code, "NV12") || !strcmp(code, "I420") ? 12
                                            : !strcmp(code, "MJPG")                          ? 24
                                                                                             : 16;
    memset(mt, 0, sizeof *mt);
    memset(v, 0, sizeof *v);
    mt->majortype = MEDIATYPE_Video;
    mt->subtype = subtype(code);
    mt->formattype = FORMAT_VideoInfo;
    mt->bFixedSizeSamples = TRUE;
    mt->lSampleSize = w * h * bits / 8;
    mt->cbFormat = sizeof *v;
    mt->pbFormat = (BYTE *)v;
    v->AvgTimePerFrame = (REFERENCE_TIME)(interval * 1e7 + 0.5);
    v->dwBitRate = (DWORD)(mt->lSampleSize * 8.0 / interval);
    v->bmiHeader.biSize = sizeof v->bmiHeader;
    v->bmiHeader.biWidth = w;
    v->bmiHeader.biHeight = h;
    v->bmiHeader.biPlanes = 1;
    v->bmiHeader.biBitCount = bits;
    v->bmiHeader.biSizeImage = mt->lSampleSize;
    if (!rgb)
        memcpy(&v->bmiHeader.biCompression, code, 4);
}

static AM_MEDIA_TYPE *type_new(const char *code, int w, int h, double interval) {
    AM_MEDIA_TYPE *mt = CoTaskMemAlloc(sizeof *mt);
    type_fill(mt, code, w, h, interval);
    return mt;
}

static void type_copy(AM_MEDIA_TYPE *to, const AM_MEDIA_TYPE *from) {
    *to = *from;
    if (from->cbFormat) {
        to->pbFormat = CoTaskMemAlloc(from->cbFormat);
        memcpy(to->pbFormat, from->pbFormat, from->cbFormat);
    }
    to->pUnk = NULL;
}

static void type_clear(AM_MEDIA_TYPE *mt) {
    if (mt->cbFormat)
        CoTaskMemFree(mt->pbFormat);
    memset(mt, 0, sizeof *mt);
}

static const char *given(Cam *c) { return strcmp(c->code, "NV12") ? "RGB3" : "NV12"; }

static void nv12(const BYTE *from, BYTE *to, int w, int h) {
    BYTE *uv = to + (size_t)w * h;
    for (int y = 0; y < h; y++) {
        const BYTE *p = from + (size_t)(h - 1 - y) * w * 3;
        for (int x = 0; x < w; x++, p += 3) {
            int b = p[0], g = p[1], r = p[2];
            *to++ = ((66 * r + 129 * g + 25 * b + 128) >> 8) + 16;
            if (!(x & 1) && !(y & 1)) {
                *uv++ = ((-38 * r - 74 * g + 112 * b + 128) >> 8) + 128;
                *uv++ = ((112 * r - 94 * g - 18 * b + 128) >> 8) + 128;
            }
        }
    }
}

/* The stream */

static DWORD WINAPI stream(void *arg) {
    Cam *c = arg;
    char path[600];
    HANDLE file, map = NULL;
    BYTE *data = NULL;
    LARGE_INTEGER size = {{0}}, start;
    int yuv = !strcmp(given(c), "NV12"), bytes = c->w * c->h * 3, given_bytes = yuv ? bytes / 2 : bytes,
        held = 0;
    long n = 0, lost = 0;
    double due;
    HANDLE both[2];
    HRESULT hr = S_OK;
    both[0] = c->stop;
    both[1] = c->run;
    snprintf(path, sizeof path, "%s\\%dx%d.rgb", c->plan.scene, c->w, c->h);
    file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file != INVALID_HANDLE_VALUE && GetFileSizeEx(file, &size) &&
        (map = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL)))
        data = MapViewOfFile(map, FILE_MAP_READ, 0, 0, 0);
    held = data ? size.QuadPart / bytes : 0;
    say(c, "stream %s %dx%d at %.1f/s, %d pictures", c->code, c->w, c->h, 1 / c->interval, held);
    if (WaitForMultipleObjects(2, both, FALSE, INFINITE) == WAIT_OBJECT_0)
        goto out;
    QueryPerformanceCounter(&start);
    if (!began.QuadPart)
        began = start;
    due = c->plan.start_ms / 1000.0;
    if (c->plan.first_ms > 0) {
        if (since(began) * 1000 < c->plan.first_ms)
            due = c->plan.first_ms / 1000.0;
    }
    while (WaitForSingleObject(c->stop, 0) == WAIT_TIMEOUT) {
        IMediaSample *sample;
        BYTE *to;
        double wait = due - since(start), ran = since(began);
        REFERENCE_TIME t0, t1;
        if (wait > 0 && WaitForSingleObject(c->stop, (DWORD)(wait * 1000 + 0.5)) == WAIT_OBJECT_0)
            break;
        if (n % 10 == 0)
            plan_read(c);
        if (c->plan.frames >= 0 && n >= c->plan.frames) {
            if (WaitForSingleObject(c->stop, 50) == WAIT_OBJECT_0)
                break;
            continue;
        }
        if (ran > c->plan.end_s) {
            if (!lost++) {
                IMediaEventSink *sink;
                say(c, "gone: %s", c->plan.how);
                if (strstr(c->plan.how, "unlist")) {
                    WCHAR key[600];
                    swprintf(key, 600, CATEGORY L"\\%ls", c->device);
                    RegDeleteTreeW(HKEY_CLASSES_ROOT, key);
                }
                if (strstr(c->plan.how, "lost") && c->graph &&
                    SUCCEEDED(IFilterGraph_QueryInterface(c->graph, &IID_IMediaEventSink, (void **)&sink))) {
                    IMediaEventSink_Notify(sink, EC_DEVICE_LOST, (LONG_PTR)&c->filter, 0);
                    IMediaEventSink_Release(sink);
                }
                if (strstr(c->plan.how, "eos"))
                    IPin_EndOfStream(c->peer);
            }
            if (WaitForSingleObject(c->stop, 50) == WAIT_OBJECT_0)
                break;
            continue;
        }
        if (FAILED(hr = IMemAllocator_GetBuffer(c->allocator, &sample, NULL, NULL, 0))) {
            say(c, "GetBuffer %08lx", hr);
            break;
        }
        IMediaSample_GetPointer(sample, &to);
        if (IMediaSample_GetSize(sample) < given_bytes) {
            say(c, "small buffer %ld", IMediaSample_GetSize(sample));
            IMediaSample_Release(sample);
            break;
        }
        if (c->plan.black || (c->plan.black_ms && since(start) * 1000 < c->plan.black_ms) || !held)
            memset(to, yuv ? 128 : c->plan.black > 1 ? c->plan.black : 0, given_bytes);
        else {
            const BYTE *from = data + (size_t)bytes * (ran > c->plan.freeze_s ? 0 : n % held);
            if (yuv)
                nv12(from, to, c->w, c->h);
            else
                memcpy(to, from, bytes);
        }
        t0 = (REFERENCE_TIME)(since(start) * 1e7);
        t1 = t0 + (REFERENCE_TIME)(c->interval * 1e7);
        IMediaSample_SetActualDataLength(sample, given_bytes);
        IMediaSample_SetTime(sample, &t0, &t1);
        IMediaSample_SetSyncPoint(sample, TRUE);
        hr = IMemInputPin_Receive(c->input, sample);
        IMediaSample_Release(sample);
        if (hr != S_OK) {
            say(c, "Receive %08lx after %ld", hr, n);
            if (WaitForSingleObject(c->stop, 20) == WAIT_OBJECT_0)
                break;
        }
        n++;
        if (c->plan.crash && n >= c->plan.crash)
            *(volatile int *)NULL = 0; /* as a bad driver's filter does */
        {
            double step = c->plan.slow_fps ? 1 / c->plan.slow_fps : c->interval;
            due += step;
            if (due < since(start) - step)
                due = since(start);
        }
    }
    say(c, "stopped after %ld frames in %.2f s", n, since(start));
out:
    if (data)
        UnmapViewOfFile(data);
    if (map)
        CloseHandle(map);
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    return 0;
}

static void halt(Cam *c) {
    if (c->thread) {
        SetEvent(c->stop);
        if (c->allocator)
            IMemAllocator_Decommit(c->allocator);
        WaitForSingleObject(c->thread, INFINITE);
        CloseHandle(c->thread);
        c->thread = NULL;
        ResetEvent(c->stop);
        ResetEvent(c->run);
    }
    if (c->mutex) {
        CloseHandle(c->mutex);
        c->mutex = NULL;
    }
}

static HRESULT begin(Cam *c) {
    if (c->thread || !c->peer)
        return S_OK;
    plan_read(c);
    {
        char spec[40];
        snprintf(spec, sizeof spec, "%s %dx%d,", c->code, c->w, c->h);
        if (strstr(c->plan.norun, spec)) {
            say(c, "refused to run %.*s", (int)strlen(spec) - 1, spec);
            return BUSY;
        }
    }
    if (c->plan.run) {
        say(c, "refused to run: %08x", c->plan.run);
        return (HRESULT)c->plan.run;
    }
    if (c->plan.exclusive) {
        WCHAR name[300];
        swprintf(name, 300, L"labcamera-%ls", c->device);
        c->mutex =
            CreateEventW(NULL, TRUE, FALSE, name); /* it goes when its last holder does, even a killed one */
        if (GetLastError() == ERROR_ALREADY_EXISTS) {
            CloseHandle(c->mutex);
            c->mutex = NULL;
            say(c, "busy");
            return BUSY;
        }
    }
    if (c->plan.setup_ms)
        Sleep(c->plan.setup_ms);
    IMemAllocator_Commit(c->allocator);
    c->thread = CreateThread(NULL, 0, stream, c, 0, NULL);
    return S_OK;
}

/* The filter */

static HRESULT query(Cam *c, REFIID riid, void **out, int of_the_pin) {
    *out = NULL;
    if (of_the_pin) {
        if (IsEqualGUID(riid, &IID_IUnknown) || IsEqualGUID(riid, &IID_IPin))
            *out = &c->pin;
        else if (IsEqualGUID(riid, &IID_IAMStreamConfig))
            *out = &c->config;
        else if (IsEqualGUID(riid, &IID_IKsPropertySet))
            *out = &c->props;
    } else {
        if (IsEqualGUID(riid, &IID_IUnknown) || IsEqualGUID(riid, &IID_IBaseFilter) ||
            IsEqualGUID(riid, &IID_IMediaFilter) || IsEqualGUID(riid, &IID_IPersist))
            *out = &c->filter;
        else if (IsEqualGUID(riid, &IID_IPersistPropertyBag))
            *out = &c->bag;
    }
    if (!*out)
        return E_NOINTERFACE;
    InterlockedIncrement(&c->refs);
    return S_OK;
}

static ULONG release(Cam *c) {
    LONG left = InterlockedDecrement(&c->refs);
    if (!left) {
        halt(c);
        say(c, "released");
        if (c->peer)
            IPin_Release(c->peer);
        if (c->input)
            IMemInputPin_Release(c->input);
        if (c->allocator)
            IMemAllocator_Release(c->allocator);
        if (c->clock)
            IReferenceClock_Release(c->clock);
        type_clear(&c->mt);
        CloseHandle(c->stop);
        CloseHandle(c->run);
        free(c);
        InterlockedDecrement(&objects);
    }
    return left;
}

#define IUNKNOWN(T, N, of, p)                                                                                \
    static HRESULT WINAPI N##_QueryInterface(T *i, REFIID r, void **o) { return query(of(i), r, o, p); }     \
    static ULONG WINAPI N##_AddRef(T *i) { return InterlockedIncrement(&of(i)->refs); }                      \
    static ULONG WINAPI N##_Release(T *i) { return release(of(i)); }
IUNKNOWN(IBaseFilter, filter, of_filter, 0)
IUNKNOWN(IPersistPropertyBag, bag, of_bag, 0)
IUNKNOWN(IPin, pin, of_pin, 1)
IUNKNOWN(IAMStreamConfig, config, of_config, 1)
IUNKNOWN(IKsPropertySet, props, of_props, 1)

static HRESULT WINAPI filter_GetClassID(IBaseFilter *i, CLSID *id) {
    *id = CLSID_LabCamera;
    return S_OK;
}
static HRESULT WINAPI filter_Stop(IBaseFilter *i) {
    Cam *c = of_filter(i);
    halt(c);
    c->state = State_Stopped;
    return S_OK;
}
static HRESULT WINAPI filter_Pause(IBaseFilter *i) {
    Cam *c = of_filter(i);
    HRESULT hr = S_OK;
    if (c->state == State_Stopped)
        hr = begin(c);
    else
        ResetEvent(c->run);
    if (SUCCEEDED(hr))
        c->state = State_Paused;
    return hr;
}
static HRESULT WINAPI filter_Run(IBaseFilter *i, REFERENCE_TIME t) {
    Cam *c = of_filter(i);
    HRESULT hr = begin(c);
    if (FAILED(hr))
        return hr;
    SetEvent(c->run);
    c->state = State_Running;
    return S_OK;
}
static HRESULT WINAPI filter_GetState(IBaseFilter *i, DWORD ms, FILTER_STATE *s) {
    *s = of_filter(i)->state; /* a live source has no picture while it is paused */
    return *s == State_Paused ? VFW_S_CANT_CUE : S_OK;
}
static HRESULT WINAPI filter_SetSyncSource(IBaseFilter *i, IReferenceClock *clock) {
    Cam *c = of_filter(i);
    if (clock)
        IReferenceClock_AddRef(clock);
    if (c->clock)
        IReferenceClock_Release(c->clock);
    c->clock = clock;
    return S_OK;
}
static HRESULT WINAPI filter_GetSyncSource(IBaseFilter *i, IReferenceClock **clock) {
    if ((*clock = of_filter(i)->clock))
        IReferenceClock_AddRef(*clock);
    return S_OK;
}

typedef struct {
    IEnumPins i;
    LONG refs;
    Cam *c;
    int at;
} Pins;
static HRESULT WINAPI pins_QueryInterface(IEnumPins *i, REFIID r, void **o) {
    if (!IsEqualGUID(r, &IID_IUnknown) && !IsEqualGUID(r, &IID_IEnumPins)) {
        *o = NULL;
        return E_NOINTERFACE;
    }
    IEnumPins_AddRef(i);
    *o = i;
    return S_OK;
}
static ULONG WINAPI pins_AddRef(IEnumPins *i) { return InterlockedIncrement(&((Pins *)i)->refs); }
static ULONG WINAPI pins_Release(IEnumPins *i) {
    Pins *p = (Pins *)i;
    LONG left = InterlockedDecrement(&p->refs);
    if (!left) {
        release(p->c);
        free(p);
    }
    return left;
}
static HRESULT WINAPI pins_Next(IEnumPins *i, ULONG n, IPin **out, ULONG *got) {
    Pins *p = (Pins *)i;
    ULONG k = 0;
    if (n && !p->at) {
        out[0] = &p->c->pin;
        IPin_AddRef(out[0]);
        p->at = 1;
        k = 1;
    }
    if (got)
        *got = k;
    return k == n ? S_OK : S_FALSE;
}
static HRESULT WINAPI pins_Skip(IEnumPins *i, ULONG n) {
    Pins *p = (Pins *)i;
    int ok = p->at + n <= 1;
    p->at += n;
    return ok ? S_OK : S_FALSE;
}
static HRESULT WINAPI pins_Reset(IEnumPins *i) {
    ((Pins *)i)->at = 0;
    return S_OK;
}
static HRESULT pins_new(Cam *c, int at, IEnumPins **out);
static HRESULT WINAPI pins_Clone(IEnumPins *i, IEnumPins **out) {
    return pins_new(((Pins *)i)->c, ((Pins *)i)->at, out);
}
static IEnumPinsVtbl pins_vtbl = {pins_QueryInterface, pins_AddRef, pins_Release, pins_Next,
                                  pins_Skip,           pins_Reset,  pins_Clone};
static HRESULT pins_new(Cam *c, int at, IEnumPins **out) {
    Pins *p = calloc(1, sizeof *p);
    p->i.lpVtbl = &pins_vtbl;
    p->refs = 1;
    p->c = c;
    p->at = at;
    InterlockedIncrement(&c->refs);
    *out = &p->i;
    return S_OK;
}

static HRESULT WINAPI filter_EnumPins(IBaseFilter *i, IEnumPins **out) {
    return pins_new(of_filter(i), 0, out);
}
static HRESULT WINAPI filter_FindPin(IBaseFilter *i, LPCWSTR id, IPin **out) {
    *out = NULL;
    if (wcscmp(id, L"0"))
        return VFW_E_NOT_FOUND;
    *out = &of_filter(i)->pin;
    IPin_AddRef(*out);
    return S_OK;
}
static HRESULT WINAPI filter_QueryFilterInfo(IBaseFilter *i, FILTER_INFO *info) {
    Cam *c = of_filter(i);
    wcscpy(info->achName, c->name);
    if ((info->pGraph = c->graph))
        IFilterGraph_AddRef(c->graph);
    return S_OK;
}
static HRESULT WINAPI filter_JoinFilterGraph(IBaseFilter *i, IFilterGraph *g, LPCWSTR name) {
    Cam *c = of_filter(i);
    c->graph = g;
    if (name)
        wcsncpy(c->name, name, 127);
    return S_OK;
}
static HRESULT WINAPI filter_QueryVendorInfo(IBaseFilter *i, LPWSTR *v) { return E_NOTIMPL; }
static IBaseFilterVtbl filter_vtbl = {filter_QueryInterface,
                                      filter_AddRef,
                                      filter_Release,
                                      filter_GetClassID,
                                      filter_Stop,
                                      filter_Pause,
                                      filter_Run,
                                      filter_GetState,
                                      filter_SetSyncSource,
                                      filter_GetSyncSource,
                                      filter_EnumPins,
                                      filter_FindPin,
                                      filter_QueryFilterInfo,
                                      filter_JoinFilterGraph,
                                      filter_QueryVendorInfo};

static HRESULT WINAPI bag_GetClassID(IPersistPropertyBag *i, CLSID *id) {
    *id = CLSID_LabCamera;
    return S_OK;
}
static HRESULT WINAPI bag_InitNew(IPersistPropertyBag *i) { return S_OK; }
static void text(IPropertyBag *b, const WCHAR *name, WCHAR *to, int n) {
    VARIANT v;
    VariantInit(&v);
    if (SUCCEEDED(IPropertyBag_Read(b, name, &v, NULL)) && V_VT(&v) == VT_BSTR) {
        wcsncpy(to, V_BSTR(&v), n - 1);
    }
    VariantClear(&v);
}
static HRESULT WINAPI bag_Load(IPersistPropertyBag *i, IPropertyBag *b, IErrorLog *log) {
    Cam *c = of_bag(i);
    text(b, L"FriendlyName", c->name, 128);
    text(b, L"Lab", c->lab, 260);
    text(b, L"LabKey", c->device, 260);
    plan_read(c);
    say(c, "bound");
    if (c->plan.bind)
        return (HRESULT)c->plan.bind;
    if (!c->plan.count)
        return E_FAIL;
    {
        Mode *m = c->plan.modes;
        c->w = m->w;
        c->h = m->h;
        c->interval = 1 / m->fps;
        strcpy(c->code, m->code);
    }
    return S_OK;
}
static HRESULT WINAPI bag_Save(IPersistPropertyBag *i, IPropertyBag *b, BOOL d, BOOL all) {
    return E_NOTIMPL;
}
static IPersistPropertyBagVtbl bag_vtbl = {bag_QueryInterface, bag_AddRef, bag_Release, bag_GetClassID,
                                           bag_InitNew,        bag_Load,   bag_Save};

/* The pin */

static HRESULT WINAPI pin_Connect(IPin *i, IPin *to, const AM_MEDIA_TYPE *want) {
    Cam *c = of_pin(i);
    HRESULT hr;
    ALLOCATOR_PROPERTIES ask = {4, 0, 1, 0}, got;
    if (c->peer)
        return VFW_E_ALREADY_CONNECTED;
    if (want && !IsEqualGUID(&want->majortype, &GUID_NULL) &&
        !IsEqualGUID(&want->majortype, &MEDIATYPE_Video))
        return VFW_E_TYPE_NOT_ACCEPTED;
    if (want && !IsEqualGUID(&want->subtype, &GUID_NULL) && want->subtype.Data1 != subtype(given(c)).Data1)
        return VFW_E_TYPE_NOT_ACCEPTED;
    type_clear(&c->mt);
    type_fill(&c->mt, given(c), c->w, c->h, c->interval);
    c->peer = to;
    if (FAILED(hr = IPin_ReceiveConnection(to, i, &c->mt))) {
        c->peer = NULL;
        return hr;
    }
    IPin_AddRef(to);
    if (FAILED(hr = IPin_QueryInterface(to, &IID_IMemInputPin, (void **)&c->input)))
        goto bad;
    if (FAILED(IMemInputPin_GetAllocator(c->input, &c->allocator)) &&
        FAILED(hr = CoCreateInstance(&CLSID_MemoryAllocator, NULL, CLSCTX_INPROC_SERVER, &IID_IMemAllocator,
                                     (void **)&c->allocator)))
        goto bad;
    ask.cbBuffer = c->w * c->h * 3;
    if (FAILED(hr = IMemAllocator_SetProperties(c->allocator, &ask, &got)) ||
        FAILED(hr = IMemInputPin_NotifyAllocator(c->input, c->allocator, FALSE)))
        goto bad;
    return S_OK;
bad:
    say(c, "Connect %08lx", hr);
    IPin_Disconnect(to);
    IPin_Disconnect(i);
    return hr;
}
static HRESULT WINAPI pin_ReceiveConnection(IPin *i, IPin *from, const AM_MEDIA_TYPE *mt) {
    return E_UNEXPECTED;
}
static HRESULT WINAPI pin_Disconnect(IPin *i) {
    Cam *c = of_pin(i);
    if (!c->peer)
        return S_FALSE;
    if (c->state != State_Stopped)
        return VFW_E_NOT_STOPPED;
    IPin_Release(c->peer);
    c->peer = NULL;
    if (c->input) {
        IMemInputPin_Release(c->input);
        c->input = NULL;
    }
    if (c->allocator) {
        IMemAllocator_Release(c->allocator);
        c->allocator = NULL;
    }
    return S_OK;
}
static HRESULT WINAPI pin_ConnectedTo(IPin *i, IPin **out) {
    if (!(*out = of_pin(i)->peer))
        return VFW_E_NOT_CONNECTED;
    IPin_AddRef(*out);
    return S_OK;
}
static HRESULT WINAPI pin_ConnectionMediaType(IPin *i, AM_MEDIA_TYPE *mt) {
    if (!of_pin(i)->peer) {
        memset(mt, 0, sizeof *mt);
        return VFW_E_NOT_CONNECTED;
    }
    type_copy(mt, &of_pin(i)->mt);
    return S_OK;
}
static HRESULT WINAPI pin_QueryPinInfo(IPin *i, PIN_INFO *info) {
    info->pFilter = &of_pin(i)->filter;
    IBaseFilter_AddRef(info->pFilter);
    info->dir = PINDIR_OUTPUT;
    wcscpy(info->achName, L"Capture");
    return S_OK;
}
static HRESULT WINAPI pin_QueryDirection(IPin *i, PIN_DIRECTION *d) {
    *d = PINDIR_OUTPUT;
    return S_OK;
}
static HRESULT WINAPI pin_QueryId(IPin *i, LPWSTR *id) {
    *id = CoTaskMemAlloc(4);
    wcscpy(*id, L"0");
    return S_OK;
}
static HRESULT WINAPI pin_QueryAccept(IPin *i, const AM_MEDIA_TYPE *mt) {
    return mt->subtype.Data1 == subtype(given(of_pin(i))).Data1 ? S_OK : S_FALSE;
}

typedef struct {
    IEnumMediaTypes i;
    LONG refs;
    Cam *c;
    int at;
} Types;
static HRESULT WINAPI types_QueryInterface(IEnumMediaTypes *i, REFIID r, void **o) {
    if (!IsEqualGUID(r, &IID_IUnknown) && !IsEqualGUID(r, &IID_IEnumMediaTypes)) {
        *o = NULL;
        return E_NOINTERFACE;
    }
    IEnumMediaTypes_AddRef(i);
    *o = i;
    return S_OK;
}
static ULONG WINAPI types_AddRef(IEnumMediaTypes *i) { return InterlockedIncrement(&((Types *)i)->refs); }
static ULONG WINAPI types_Release(IEnumMediaTypes *i) {
    Types *p = (Types *)i;
    LONG left = InterlockedDecrement(&p->refs);
    if (!left) {
        release(p->c);
        free(p);
    }
    return left;
}
static HRESULT WINAPI types_Next(IEnumMediaTypes *i, ULONG n, AM_MEDIA_TYPE **out, ULONG *got) {
    Types *p = (Types *)i;
    ULONG k = 0;
    if (n && !p->at) {
        out[0] = type_new(given(p->c), p->c->w, p->c->h, p->c->interval);
        p->at = 1;
        k = 1;
    }
    if (got)
        *got = k;
    return k == n ? S_OK : S_FALSE;
}
static HRESULT WINAPI types_Skip(IEnumMediaTypes *i, ULONG n) {
    Types *p = (Types *)i;
    int ok = p->at + n <= 1;
    p->at += n;
    return ok ? S_OK : S_FALSE;
}
static HRESULT WINAPI types_Reset(IEnumMediaTypes *i) {
    ((Types *)i)->at = 0;
    return S_OK;
}
static HRESULT types_new(Cam *c, int at, IEnumMediaTypes **out);
static HRESULT WINAPI types_Clone(IEnumMediaTypes *i, IEnumMediaTypes **out) {
    return types_new(((Types *)i)->c, ((Types *)i)->at, out);
}
static IEnumMediaTypesVtbl types_vtbl = {types_QueryInterface, types_AddRef, types_Release, types_Next,
                                         types_Skip,           types_Reset,  types_Clone};
static HRESULT types_new(Cam *c, int at, IEnumMediaTypes **out) {
    Types *p = calloc(1, sizeof *p);
    p->i.lpVtbl = &types_vtbl;
    p->refs = 1;
    p->c = c;
    p->at = at;
    InterlockedIncrement(&c->refs);
    *out = &p->i;
    return S_OK;
}
static HRESULT WINAPI pin_EnumMediaTypes(IPin *i, IEnumMediaTypes **out) {
    return types_new(of_pin(i), 0, out);
}
static HRESULT WINAPI pin_QueryInternalConnections(IPin *i, IPin **p, ULONG *n) { return E_NOTIMPL; }
static HRESULT WINAPI pin_EndOfStream(IPin *i) { return E_UNEXPECTED; }
static HRESULT WINAPI pin_BeginFlush(IPin *i) { return E_UNEXPECTED; }
static HRESULT WINAPI pin_EndFlush(IPin *i) { return E_UNEXPECTED; }
static HRESULT WINAPI pin_NewSegment(IPin *i, REFERENCE_TIME a, REFERENCE_TIME b, double r) { return S_OK; }
static IPinVtbl pin_vtbl = {pin_QueryInterface,    pin_AddRef,
                            pin_Release,           pin_Connect,
                            pin_ReceiveConnection, pin_Disconnect,
                            pin_ConnectedTo,       pin_ConnectionMediaType,
                            pin_QueryPinInfo,      pin_QueryDirection,
                            pin_QueryId,           pin_QueryAccept,
                            pin_EnumMediaTypes,    pin_QueryInternalConnections,
                            pin_EndOfStream,       pin_BeginFlush,
                            pin_EndFlush,          pin_NewSegment};

static HRESULT WINAPI config_SetFormat(IAMStreamConfig *i, AM_MEDIA_TYPE *mt) {
    Cam *c = of_config(i);
    VIDEOINFOHEADER *v;
    int k;
    char code[5] = "RGB3", spec[40];
    double interval;
    if (!mt || !mt->pbFormat)
        return E_POINTER;
    if (c->peer && c->state != State_Stopped)
        return VFW_E_NOT_STOPPED;
    v = (VIDEOINFOHEADER *)mt->pbFormat;
    interval = v->AvgTimePerFrame / 1e7;
    if (!IsEqualGUID(&mt->subtype, &MEDIASUBTYPE_RGB24))
        memcpy(code, &mt->subtype.Data1, 4);
    snprintf(spec, sizeof spec, "%.4s %ldx%ld", code, v->bmiHeader.biWidth, v->bmiHeader.biHeight);
    for (k = 0; k < c->plan.count; k++) {
        Mode *m = &c->plan.modes[k];
        if (strcmp(m->code, code) || m->w != v->bmiHeader.biWidth || m->h != labs(v->bmiHeader.biHeight))
            continue;
        if (!strcmp(c->plan.refuse, spec)) {
            say(c, "SetFormat %s refused", spec);
            return E_FAIL;
        }
        if (c->plan.strict && interval < 0.999 / m->fps)
            continue;
        c->w = m->w;
        c->h = m->h;
        strcpy(c->code, code);
        c->interval = interval > 1 / m->fps ? interval : 1 / m->fps;
        say(c, "SetFormat %s at %.1f/s for %.1f/s asked", spec, 1 / c->interval, interval ? 1 / interval : 0);
        return S_OK;
    }
    if (c->plan.any) {
        c->w = v->bmiHeader.biWidth;
        c->h = labs(v->bmiHeader.biHeight);
        strcpy(c->code, code);
        say(c, "SetFormat %s accepted as anything is", spec);
        return S_OK;
    }
    return VFW_E_INVALIDMEDIATYPE;
}
static HRESULT WINAPI config_GetFormat(IAMStreamConfig *i, AM_MEDIA_TYPE **mt) {
    Cam *c = of_config(i);
    *mt = type_new(c->code, c->w, c->h, c->interval);
    return S_OK;
}
static HRESULT WINAPI config_GetNumberOfCapabilities(IAMStreamConfig *i, int *n, int *size) {
    *n = of_config(i)->plan.count;
    *size = sizeof(VIDEO_STREAM_CONFIG_CAPS);
    return S_OK;
}
static HRESULT WINAPI config_GetStreamCaps(IAMStreamConfig *i, int k, AM_MEDIA_TYPE **mt, BYTE *out) {
    Cam *c = of_config(i);
    VIDEO_STREAM_CONFIG_CAPS *s = (VIDEO_STREAM_CONFIG_CAPS *)out;
    Mode *m;
    if (k < 0 || k >= c->plan.count)
        return S_FALSE;
    m = &c->plan.modes[k];
    *mt = type_new(m->code, m->w, m->h, 1 / m->fps);
    memset(s, 0, sizeof *s);
    s->guid = FORMAT_VideoInfo;
    s->InputSize.cx = m->w;
    s->InputSize.cy = m->h;
    s->MinCroppingSize = s->MaxCroppingSize = s->MinOutputSize = s->MaxOutputSize = s->InputSize;
    s->CropGranularityX = s->CropGranularityY = s->OutputGranularityX = s->OutputGranularityY =
        c->plan.granularity;
    s->MinFrameInterval = (LONGLONG)(1e7 / m->fps + 0.5);
    s->MaxFrameInterval = 2000000;
    s->MinBitsPerSecond = s->MaxBitsPerSecond = (LONG)(m->w * m->h * 16 * m->fps);
    return S_OK;
}
static IAMStreamConfigVtbl config_vtbl = {
    config_QueryInterface,          config_AddRef,       config_Release, config_SetFormat, config_GetFormat,
    config_GetNumberOfCapabilities, config_GetStreamCaps};

static HRESULT WINAPI props_Set(IKsPropertySet *i, REFGUID s, DWORD id, void *a, DWORD an, void *d,
                                DWORD dn) {
    return E_NOTIMPL;
}
static HRESULT WINAPI props_Get(IKsPropertySet *i, REFGUID s, DWORD id, void *a, DWORD an, void *d, DWORD dn,
                                DWORD *got) {
    if (!IsEqualGUID(s, &PROPSET_PIN))
        return E_PROP_SET_UNSUPPORTED;
    if (id != 0)
        return E_PROP_ID_UNSUPPORTED;
    if (got)
        *got = sizeof(GUID);
    if (!d)
        return S_OK;
    if (dn < sizeof(GUID))
        return E_UNEXPECTED;
    *(GUID *)d = PIN_CATEGORY_CAPTURE;
    return S_OK;
}
static HRESULT WINAPI props_QuerySupported(IKsPropertySet *i, REFGUID s, DWORD id, DWORD *how) {
    if (!IsEqualGUID(s, &PROPSET_PIN))
        return E_PROP_SET_UNSUPPORTED;
    if (how)
        *how = 1;
    return S_OK;
}
static IKsPropertySetVtbl props_vtbl = {
    props_QueryInterface, props_AddRef, props_Release, props_Set, props_Get, props_QuerySupported};

/* The DLL */

static HRESULT WINAPI factory_QueryInterface(IClassFactory *i, REFIID r, void **o) {
    if (!IsEqualGUID(r, &IID_IUnknown) && !IsEqualGUID(r, &IID_IClassFactory)) {
        *o = NULL;
        return E_NOINTERFACE;
    }
    *o = i;
    return S_OK;
}
static ULONG WINAPI factory_AddRef(IClassFactory *i) { return 2; }
static ULONG WINAPI factory_Release(IClassFactory *i) { return 1; }
static HRESULT WINAPI factory_CreateInstance(IClassFactory *i, IUnknown *outer, REFIID r, void **o) {
    Cam *c;
    HRESULT hr;
    if (outer)
        return CLASS_E_NOAGGREGATION;
    c = calloc(1, sizeof *c);
    c->filter.lpVtbl = &filter_vtbl;
    c->bag.lpVtbl = &bag_vtbl;
    c->pin.lpVtbl = &pin_vtbl;
    c->config.lpVtbl = &config_vtbl;
    c->props.lpVtbl = &props_vtbl;
    c->refs = 1;
    c->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    c->run = CreateEventW(NULL, TRUE, FALSE, NULL);
    InterlockedIncrement(&objects);
    hr = query(c, r, o, 0);
    release(c);
    return hr;
}
static HRESULT WINAPI factory_LockServer(IClassFactory *i, BOOL lock) { return S_OK; }
static IClassFactoryVtbl factory_vtbl = {factory_QueryInterface, factory_AddRef, factory_Release,
                                         factory_CreateInstance, factory_LockServer};
static IClassFactory factory = {&factory_vtbl};

HRESULT WINAPI DllGetClassObject(REFCLSID id, REFIID r, void **o) {
    if (!IsEqualGUID(id, &CLSID_LabCamera)) {
        *o = NULL;
        return CLASS_E_CLASSNOTAVAILABLE;
    }
    return IClassFactory_QueryInterface(&factory, r, o);
}
HRESULT WINAPI DllCanUnloadNow(void) { return objects ? S_FALSE : S_OK; }
BOOL WINAPI DllMain(HINSTANCE h, DWORD why, void *x) {
    if (why == DLL_PROCESS_ATTACH) {
        module = h;
        DisableThreadLibraryCalls(h);
    }
    return TRUE;
}
