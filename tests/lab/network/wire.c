/* A wire between two interfaces of one network namespace: delay, jitter, loss and outages.
 *
 *   wire FIRST SECOND [delay=MS] [jitter=MS] [loss=SHARE] [every=S for=S] [seed=N]
 *
 * Each packet that comes in at one interface goes out at the other after `delay` plus up to
 * `jitter` (uniform), never overtaking; `loss` is the share that is dropped, each way. After the
 * first `every` seconds, and again every so many, nothing passes for `for` seconds.
 *
 * It stands in for netem, which not every kernel has. Rates stay with the kernel: what is sent here
 * passes the queueing discipline of the outgoing interface. On SIGTERM it prints what it did as one
 * line of JSON: packets and losses each way, and those of UDP among them.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { QUEUE = 1 << 14, LARGEST = 2048, BATCH = 32 };

struct packet {
    int64_t due;
    ssize_t length;
    unsigned char bytes[LARGEST];
};

struct way {
    int in, out;
    unsigned first, next; /* the queue is packets[first .. next), each modulo QUEUE */
    int64_t last_due;
    long packets, lost, udp, udp_lost;
    struct packet *queue;
};

static volatile sig_atomic_t ended;

static void end(int signal_number) {
    (void)signal_number;
    ended = 1;
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int tap(const char *interface) {
    int s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(interface)};
    struct packet_mreq everything = {.mr_ifindex = address.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
    int yes = 1, large = 8 << 20;
    if (s < 0 || !address.sll_ifindex || bind(s, (struct sockaddr *)&address, sizeof address) < 0) {
        perror(interface);
        exit(1);
    }
    setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &everything, sizeof everything);
    setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes);
    setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &large, sizeof large);
    setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &large, sizeof large);
    return s;
}

static int is_udp(const unsigned char *frame, ssize_t length) {
    if (length < 34)
        return 0;
    int type = frame[12] << 8 | frame[13];
    return (type == ETHERTYPE_IP && frame[23] == IPPROTO_UDP) ||
           (type == ETHERTYPE_IPV6 && frame[20] == IPPROTO_UDP);
}

static void send_due(struct way *way, int64_t t) {
    for (; way->first != way->next && way->queue[way->first % QUEUE].due <= t; way->first++) {
        struct packet *p = &way->queue[way->first % QUEUE];
        /* A full queueing discipline answers ENOBUFS: that packet is lost, as on a real line. */
        if (send(way->out, p->bytes, (size_t)p->length, 0) < 0 && errno != ENOBUFS && errno != ENETDOWN)
            perror("send");
    }
}

int main(int count, char **words) {
    double delay = 0, jitter = 0, loss = 0, every = 0, lasting = 0;
    if (count < 3)
        return 2;
    for (int i = 3; i < count; i++) {
        char *value = strchr(words[i], '=');
        if (!value)
            return 2;
        *value++ = 0;
        if (!strcmp(words[i], "delay")) delay = atof(value);
        else if (!strcmp(words[i], "jitter")) jitter = atof(value);
        else if (!strcmp(words[i], "loss")) loss = atof(value);
        else if (!strcmp(words[i], "every")) every = atof(value);
        else if (!strcmp(words[i], "for")) lasting = atof(value);
        else if (!strcmp(words[i], "seed")) srand48(atol(value));
        else return 2;
    }
    int first = tap(words[1]), second = tap(words[2]);
    struct way ways[2] = {{.in = first, .out = second}, {.in = second, .out = first}};
    for (int i = 0; i < 2; i++)
        ways[i].queue = malloc(sizeof(struct packet) * QUEUE);

    struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);
    sigset_t term, none;
    sigemptyset(&none);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL); /* it may only arrive inside ppoll */
    /* Ahead of everything else: a late wire would be delay that nobody asked for. */
    struct sched_param priority = {.sched_priority = 10};
    sched_setscheduler(0, SCHED_FIFO, &priority);
    puts("{\"ready\": true}");
    fflush(stdout);

    int64_t started = now();
    while (!ended) {
        int64_t t = now(), next = INT64_MAX;
        for (int i = 0; i < 2; i++) {
            send_due(&ways[i], t);
            if (ways[i].first != ways[i].next && ways[i].queue[ways[i].first % QUEUE].due < next)
                next = ways[i].queue[ways[i].first % QUEUE].due;
        }
        int64_t wait = next - now();
        if (wait < 0)
            wait = 0;
        struct timespec until = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
        struct pollfd ready[2] = {{.fd = ways[0].in, .events = POLLIN}, {.fd = ways[1].in, .events = POLLIN}};
        if (ppoll(ready, 2, next == INT64_MAX ? NULL : &until, &none) < 0)
            continue;
        for (int i = 0; i < 2; i++) {
            struct way *way = &ways[i];
            for (int k = 0; ready[i].revents && k < BATCH; k++) {
                struct packet *p = &way->queue[way->next % QUEUE];
                p->length = recv(way->in, p->bytes, sizeof p->bytes, MSG_DONTWAIT);
                if (p->length <= 0)
                    break;
                t = now();
                double seconds = (double)(t - started) / 1e9;
                int out = every > 0 && seconds > every && seconds - every * (long)(seconds / every) < lasting;
                int drop = out || drand48() < loss || way->next - way->first >= QUEUE - 1;
                int udp = is_udp(p->bytes, p->length);
                way->packets++;
                way->udp += udp;
                way->lost += drop;
                way->udp_lost += udp && drop;
                if (drop)
                    continue;
                p->due = t + (int64_t)((delay + jitter * drand48()) * 1e6);
                if (p->due < way->last_due)
                    p->due = way->last_due;
                way->last_due = p->due;
                way->next++;
            }
        }
    }
    printf("{\"up\": {\"packets\": %ld, \"lost\": %ld, \"udp\": %ld, \"udp_lost\": %ld},"
           " \"down\": {\"packets\": %ld, \"lost\": %ld, \"udp\": %ld, \"udp_lost\": %ld}}\n",
           ways[0].packets, ways[0].lost, ways[0].udp, ways[0].udp_lost,
           ways[1].packets, ways[1].lost, ways[1].udp, ways[1].udp_lost);
    return 0;
}
