package dev.rollcall.kv;

/**
 * An ability that not every store can have. Use of one that a backend does not declare fails with {@link
 * UnsupportedCapabilityException} and has no other effect. There are few on purpose: everything else is the same everywhere.
 */
public enum Capability {
    /** {@link WatchStart#history(long)}: every revision is delivered, and can be replayed until it is compacted. */
    HISTORY,

    /** Keys may be created below a key that has a lease, and a key with keys below it may be given one. ZooKeeper refuses both. */
    KEYS_BELOW_LEASED_KEYS
}
