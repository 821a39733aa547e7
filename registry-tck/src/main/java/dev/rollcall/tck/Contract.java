package dev.rollcall.tck;

import org.junit.jupiter.api.extension.ExtendWith;

/** The root of the kit's contracts: a class that implements one gives a fixture. */
@ExtendWith(KitExtension.class)
public interface Contract {
    /** The backend under test; called once for a class, closed after it. */
    BackendFixture fixture();
}
