/**
 * Stores, registries and views in a Guice application: {@link dev.rollcall.guice.RegistryModule} binds them, {@link
 * dev.rollcall.guice.RegistryLifecycle} closes them with the application, and {@link dev.rollcall.guice.StoreHealth} says how a store does.
 *
 * <p>Which store it is, is told by a URL and found by {@link java.util.ServiceLoader}; nothing here knows a backend, and nothing outside of this package
 * knows Guice.
 */
@NullMarked
package dev.rollcall.guice;

import org.jspecify.annotations.NullMarked;
