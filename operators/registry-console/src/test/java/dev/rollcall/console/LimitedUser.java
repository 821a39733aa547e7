package dev.rollcall.console;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;

/** A user who may read what is below one directory only. */
final class LimitedUser {
    static final Directory MINE = Directory.of("/mine");

    private LimitedUser() {}

    /** The store as it is for this user. */
    static KvBackend of(KvBackend backend) {
        return (KvBackend) Proxy.newProxyInstance(
                KvBackend.class.getClassLoader(), new Class<?>[] {KvBackend.class}, (self, method, arguments) -> {
                    Object what = arguments == null || arguments.length == 0 ? null : arguments[0];
                    boolean allowed = what instanceof Directory directory
                            ? directory.equals(MINE) || directory.path().startsWith(MINE.rangeStart())
                            : !(what instanceof Key key) || MINE.covers(key);
                    if (!allowed && CompletableFuture.class.isAssignableFrom(method.getReturnType())) {
                        return CompletableFuture.failedFuture(new AccessDeniedException(
                                new KvException.Context(backend.name(), method.getName(), String.valueOf(what)),
                                "the user may not",
                                null));
                    }
                    try {
                        return method.invoke(backend, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
