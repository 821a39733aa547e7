package dev.rollcall.tck;

/** What {@link KitLauncher} runs; its fixture comes from the launcher. */
final class LaunchedTckTest implements KvBackendTck {
    @Override
    public BackendFixture fixture() {
        throw new IllegalStateException("KitLauncher gives the fixture.");
    }
}
