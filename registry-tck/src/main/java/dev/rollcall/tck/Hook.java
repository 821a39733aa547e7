package dev.rollcall.tck;

/** A way to make something go wrong, which a fixture gives the kit; each is a method or two of {@link TestStore}. */
public enum Hook {
    /** {@link TestStore#cut} and {@link TestStore#heal}: one handle loses its connection, the others do not. */
    CUT,
    /** {@link TestStore#loseNextAnswer}: a write is applied and its answer does not arrive. */
    LOSE_ANSWER,
    /** {@link TestStore#dropNextRequest}: a write is lost on its way to the store. */
    DROP_REQUEST,
    /** {@link TestStore#expire}: the store ends a lease as if its holder had fallen silent. */
    EXPIRE_LEASE,
    /** {@link TestStore#compact}: the store forgets its history. */
    COMPACT,
    /** {@link TestStore#pause} and {@link TestStore#resume}: the store stops answering, and no connection breaks. */
    PAUSE,
    /** {@link TestStore#kill} and {@link TestStore#restart}: the server dies without a goodbye and comes back with its data. */
    RESTART;

    /** What the methods of this hook throw where a fixture does not override them. */
    UnsupportedOperationException notGiven() {
        return new UnsupportedOperationException("The fixture names the hook " + this
                + " in hooks(), but its TestStore does not override the methods of that hook.");
    }
}
