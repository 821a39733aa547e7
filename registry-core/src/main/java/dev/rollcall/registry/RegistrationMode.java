package dev.rollcall.registry;

/** What of a registered node goes when its owner falls silent. Beside the record there always is a leased claim that names the owner. */
public enum RegistrationMode {
    /** The record itself: for service discovery, where what is not alive is not listed. */
    EPHEMERAL,

    /** Only the claim: the record stays, so that a node that has died remains listed, as not alive. The way of TiDB Binlog. */
    PERSISTENT
}
