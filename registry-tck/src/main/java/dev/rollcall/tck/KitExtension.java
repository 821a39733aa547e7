package dev.rollcall.tck;

import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.TestResult;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Joins the kit to JUnit: gives each test its {@link Kit}, judges it as {@link JudgedTest} says, and writes the report of the class. */
final class KitExtension
        implements BeforeAllCallback, BeforeEachCallback, ParameterResolver, InvocationInterceptor, AfterAllCallback {
    private static final Logger LOG = LoggerFactory.getLogger("dev.rollcall.tck");
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(KitExtension.class);
    private static final String NAME_ENDS_WITH = "TckTest";

    @Override
    public void beforeAll(ExtensionContext context) {
        Class<?> type = context.getRequiredTestClass();
        if (!type.getSimpleName().endsWith(NAME_ENDS_WITH)) {
            throw new ExtensionConfigurationException(
                    "The class " + type.getName() + " runs the test kit, so its name must end with '" + NAME_ENDS_WITH
                            + "': build tools select tests by name and would pass over it without a word.");
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        KitRun run = run(context);
        Method method = context.getRequiredTestMethod();
        context.getStore(NAMESPACE)
                .put(Kit.class, new Kit(run, method.getName(), method.isAnnotationPresent(Needs.class)));
    }

    /** The run of this class; made by its first test, since only an instance of it knows the fixture. */
    private static KitRun run(ExtensionContext context) {
        ExtensionContext ofClass = context.getParent().orElseThrow();
        return ofClass.getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        KitRun.class,
                        key -> {
                            KitRun launched = KitLauncher.current(context);
                            if (launched != null) {
                                return launched;
                            }
                            Contract instance = (Contract) context.getRequiredTestInstance();
                            KitSettings settings = KitSettings.from(context::getConfigurationParameter);
                            LOG.info(
                                    "To repeat the random choices of this run: -D{}={}",
                                    KitSettings.SEED,
                                    settings.seed());
                            return new KitRun(instance.fixture(), settings, result -> {});
                        },
                        KitRun.class);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Kit.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return kit(context);
    }

    private static Kit kit(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(Kit.class, Kit.class);
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> call, ExtensionContext context)
            throws Throwable {
        JudgedTest test = new JudgedTest(run(context), kit(context), call.getExecutable());
        Optional<String> notRun = test.run(invocation);
        notRun.ifPresent(note -> context.publishReportEntry("not verified", note));
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        KitRun run = context.getStore(NAMESPACE).get(KitRun.class, KitRun.class);
        if (run == null || KitLauncher.current(context) != null) {
            return;
        }
        try {
            run.fixture().close();
        } finally {
            Class<?> type = context.getRequiredTestClass();
            List<TestResult> leftOut = LeftOut.by(type);
            leftOut.forEach(run::add);
            ConformanceReport report = run.report();
            Path directory = Path.of("target", "conformance", run.fixture().name());
            if (!leftOut.isEmpty()) {
                // A class that runs a part does not write over what another one says of the rest.
                directory = directory.resolve(type.getSimpleName());
            }
            report.write(directory);
            LOG.info("{}{}", System.lineSeparator(), report.table());
        }
    }
}
