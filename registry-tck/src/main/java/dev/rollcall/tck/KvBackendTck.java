package dev.rollcall.tck;

/**
 * Every test of the kit. A backend proves itself by one class:
 *
 * <pre>{@code
 * class EtcdTckTest implements KvBackendTck {
 *     public BackendFixture fixture() {
 *         return new EtcdFixture();
 *     }
 * }
 * }</pre>
 *
 * <p>Its name ends with {@code TckTest}, or the kit refuses to run: build tools select tests by name, and would pass over others silently.
 * Where a run takes long, two classes share it, one for each half: their reports lie side by side and are read as one.
 */
public interface KvBackendTck extends DataTck, LifetimeTck {}
