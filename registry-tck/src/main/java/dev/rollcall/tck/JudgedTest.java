package dev.rollcall.tck;

import dev.rollcall.tck.report.Status;
import dev.rollcall.tck.report.TestResult;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation;

/**
 * One test of the kit: run on a thread of its own, so that a backend which blocks cannot stop the run, with its hooks and its capability
 * looked after first and its cleanliness afterwards.
 */
final class JudgedTest {
    private final KitRun run;
    private final Kit kit;
    private final Method method;
    private final List<String> rules;
    /** Why the test found nothing to judge, or empty; written by its thread before that ends. */
    private volatile String doesNotApply = "";

    private final List<Throwable> stray = Collections.synchronizedList(new ArrayList<>());

    JudgedTest(KitRun run, Kit kit, Method method) {
        this.run = run;
        this.kit = kit;
        this.method = method;
        Rule named = method.getAnnotation(Rule.class);
        this.rules = named == null ? List.of() : List.of(named.value());
    }

    /** Runs the test; returns why it could not be run, or empty. Throws what it failed with. */
    Optional<String> run(Invocation<Void> invocation) throws Throwable {
        long start = System.nanoTime();
        if (run.isStopped()) {
            invocation.skip();
            return Optional.of("the run was stopped");
        }
        try {
            Optional<String> missing = missingHooks();
            Status status;
            if (missing.isPresent()) {
                invocation.skip();
                status = Status.NOT_VERIFIED;
            } else {
                status = onThreadOfItsOwn(invocation);
            }
            record(status, List.of(), missing.orElse(doesNotApply), start);
            return missing;
        } catch (Throwable failure) {
            String note = describe(failure);
            record(Status.FAILED, violated(failure), note, start);
            if (namesItsRules(failure)) {
                throw failure;
            }
            AssertionError naming = new AssertionError(note, failure);
            naming.setStackTrace(failure.getStackTrace());
            throw naming;
        } finally {
            run.budgets().testEnded(kit.timedOut());
        }
    }

    private void record(Status status, List<String> violated, String note, long start) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        String area = method.getDeclaringClass().getSimpleName();
        run.add(new TestResult(area, method.getName(), rules, status, violated, note, millis));
    }

    private List<String> violated(Throwable failure) {
        if (failure instanceof RuleViolation found) {
            return List.of(found.rule());
        }
        String proving = kit.proving();
        return failure instanceof FixtureFault ? List.of() : proving == null ? rules : List.of(proving);
    }

    private boolean namesItsRules(Throwable failure) {
        return failure instanceof RuleViolation || violated(failure).isEmpty();
    }

    /** What was found, after the rules that it breaks. */
    private String describe(Throwable failure) {
        String message = failure.getMessage();
        String finding = failure instanceof AssertionError && message != null ? message : failure.toString();
        return namesItsRules(failure)
                ? finding
                : "[" + String.join(", ", violated(failure)) + "] " + Readable.text(finding.strip());
    }

    private Optional<String> missingHooks() {
        Needs needs = method.getAnnotation(Needs.class);
        if (needs == null) {
            return Optional.empty();
        }
        BackendFixture fixture = run.fixture();
        List<Hook> missing = Arrays.stream(needs.value())
                .filter(hook -> !fixture.hooks().contains(hook))
                .toList();
        for (Hook hook : missing) {
            if (!fixture.absentHooks().containsKey(hook)) {
                throw new FixtureFault("This test needs the hook " + hook + ", which the fixture '" + fixture.name()
                        + "' neither gives in hooks() nor declares in absentHooks(), with the reason.");
            }
        }
        return missing.stream()
                .findFirst()
                .map(hook ->
                        "needs the hook " + hook + ": " + fixture.absentHooks().get(hook));
    }

    private Status onThreadOfItsOwn(Invocation<Void> invocation) throws Throwable {
        FutureTask<Status> task = new FutureTask<>(() -> judged(invocation));
        Thread worker = new Thread(new StrayCatcher(), task, "kit-" + method.getName());
        worker.setDaemon(true);
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        boolean alone = run.threads() == LiveThreads.OF_THE_JVM;
        if (alone) {
            Thread.setDefaultUncaughtExceptionHandler(this::caughtByNobody);
        }
        try {
            worker.start();
            return task.get(run.budgets().test().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() == null ? e : e.getCause();
        } catch (TimeoutException e) {
            AssertionError stuck = new AssertionError("The test did not end within "
                    + run.budgets().test().toMillis() + " ms; it hangs where the stack trace below shows.");
            stuck.setStackTrace(worker.getStackTrace());
            worker.interrupt();
            throw stuck;
        } finally {
            if (alone) {
                Thread.setDefaultUncaughtExceptionHandler(before);
            }
        }
    }

    private void caughtByNobody(Thread thread, Throwable failure) {
        stray.add(failure);
        kit.ringBell();
    }

    /** The group of all threads that a test starts, so that what they die of is told from what other tests' threads die of. */
    private final class StrayCatcher extends ThreadGroup {
        StrayCatcher() {
            super("kit-" + method.getName());
        }

        @Override
        public void uncaughtException(Thread thread, Throwable failure) {
            caughtByNobody(thread, failure);
        }
    }

    private Status judged(Invocation<Void> invocation) throws Exception {
        Hygiene hygiene = new Hygiene(kit, stray);
        boolean clean = false;
        try {
            Requires requires = method.getAnnotation(Requires.class);
            Status status = Status.VERIFIED;
            if (requires != null && !kit.backend().capabilities().contains(requires.value())) {
                invocation.skip();
                new CapabilityRefusal(kit, requires.value()).judge();
                status = Status.REFUSED;
            } else {
                status = proceed(invocation);
            }
            kit.provesNothing();
            hygiene.judge();
            clean = true;
            return status;
        } finally {
            if (!clean) {
                hygiene.cleanUp();
            }
            kit.stores().forEach(TestStore::close);
        }
    }

    private Status proceed(Invocation<Void> invocation) throws Exception {
        try {
            invocation.proceed();
            return Status.VERIFIED;
        } catch (DoesNotApply e) {
            doesNotApply = e.reason();
            return Status.REFUSED;
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The fixture is not what it should be; that says nothing about the backend. */
    private static final class FixtureFault extends AssertionError {
        private static final long serialVersionUID = 1L;

        FixtureFault(String finding) {
            super(finding);
        }
    }
}
