// A laptop's mains adapter and two battery bays for the kernel's own ACPI drivers.
// Their values stand in the clock chip's spare memory, where `laptop` writes them.
// A bay's state: 0 nothing in it, 1 full, 2 discharging, 3 charging; mW and mWh.
DefinitionBlock ("", "SSDT", 2, "LAB", "LAPTOP", 1)
{
    Scope (\_SB)
    {
        OperationRegion (CMOS, SystemIO, 0x70, 2)
        Field (CMOS, ByteAcc, Lock, Preserve) { INDX, 8, DATA, 8 }
        IndexField (INDX, DATA, ByteAcc, Lock, Preserve)
        {
            Offset (0x60),
            ACON, 8,
            STA0, 8, RAT0, 16, NOW0, 16, FUL0, 16,
            STA1, 8, RAT1, 16, NOW1, 16, FUL1, 16
        }

        Device (AC0)
        {
            Name (_HID, "ACPI0003")
            Method (_PSR) { Return (ACON) }
        }

        Method (BIF, 1, Serialized)
        {
            Name (INFO, Package (13) { 0, 0, 0, 1, 11400, 2000, 1000, 1, 1, "LAB", "1", "LION", "LAB" })
            INFO [1] = Arg0
            INFO [2] = Arg0
            Return (INFO)
        }

        Method (BST, 3, Serialized)
        {
            Name (STAT, Package (4) { 0, 0, 0, 11400 })
            STAT [0] = Arg0 - 1
            STAT [1] = Arg1
            STAT [2] = Arg2
            Return (STAT)
        }

        Device (BAT0)
        {
            Name (_HID, EisaId ("PNP0C0A"))
            Name (_UID, 0)
            Method (_STA) { If (STA0) { Return (0x1F) } Return (0x0F) }
            Method (_BIF) { Return (BIF (FUL0)) }
            Method (_BST) { Return (BST (STA0, RAT0, NOW0)) }
        }

        Device (BAT1)
        {
            Name (_HID, EisaId ("PNP0C0A"))
            Name (_UID, 1)
            Method (_STA) { If (STA1) { Return (0x1F) } Return (0x0F) }
            Method (_BIF) { Return (BIF (FUL1)) }
            Method (_BST) { Return (BST (STA1, RAT1, NOW1)) }
        }
    }
}
