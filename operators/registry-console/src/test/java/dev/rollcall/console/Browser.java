package dev.rollcall.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.Cookie;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The machine's own Chromium, without a window. */
final class Browser implements AutoCloseable {
    static final String KNOWN_HOST = "console.example";
    static final String UNKNOWN_HOST = "rebound.example";

    private static final List<String> BROWSERS =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");
    private static final List<String> DRIVERS = List.of("/usr/bin/chromedriver", "/usr/lib/chromium/chromedriver");

    /** It warns of each browser that is newer than itself; we use nothing that depends on that. */
    private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

    static {
        SELENIUM.setLevel(Level.SEVERE);
    }

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** A browser, or empty if this machine has none; with {@code -Dtest.browser=required} it must. */
    static Optional<Browser> find() {
        Optional<Path> browser = first(BROWSERS);
        Optional<Path> chromedriver = first(DRIVERS);
        if (browser.isEmpty() || chromedriver.isEmpty()) {
            assertThat(System.getProperty("test.browser"))
                    .as("the browser is required here: apt-get install chromium chromium-driver")
                    .isNotEqualTo("required");
            return Optional.empty();
        }
        ChromeOptions options = new ChromeOptions();
        options.setBinary(browser.get().toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                // Names of other machines that lead here: one that the console knows, and one that it does not.
                "--host-resolver-rules=MAP " + KNOWN_HOST + " 127.0.0.1,MAP " + UNKNOWN_HOST + " 127.0.0.1",
                "--window-size=1360,820");
        options.setAcceptInsecureCerts(true);
        LoggingPreferences logging = new LoggingPreferences();
        logging.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logging);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(chromedriver.get().toFile())
                .usingAnyFreePort()
                .build();
        ChromeDriver driver = new ChromeDriver(service, options);
        driver.manage().timeouts().scriptTimeout(ConsoleFixture.LONG);
        return Optional.of(new Browser(driver));
    }

    private static Optional<Path> first(List<String> candidates) {
        return candidates.stream().map(Path::of).filter(Files::isExecutable).findFirst();
    }

    void open(ConsoleFixture fixture, String page) {
        open(fixture.console.url() + page);
    }

    void open(String url) {
        // Another page first: the same one with another fragment would not be loaded again.
        driver.get("about:blank");
        driver.get(url);
    }

    void back() {
        driver.navigate().back();
    }

    /** The address that the browser shows. */
    String address() {
        return driver.getCurrentUrl();
    }

    Set<Cookie> cookies() {
        return driver.manage().getCookies();
    }

    /** What was left by a run before, whose ports another console may have now. */
    void forget() {
        driver.executeCdpCommand("Network.clearBrowserCookies", Map.of());
        complaints();
    }

    /** Waits until {@code condition} gives something that is neither null nor false. */
    <T> T await(String what, Function<Browser, T> condition) {
        return new WebDriverWait(driver, ConsoleFixture.LONG, Duration.ofMillis(50))
                .ignoring(StaleElementReferenceException.class)
                .withMessage(what)
                .until(same -> condition.apply(this));
    }

    WebElement await(String selector) {
        return await(
                "an element " + selector,
                same -> same.all(selector).stream()
                        .filter(WebElement::isDisplayed)
                        .findFirst()
                        .orElse(null));
    }

    void awaitText(String selector, String text) {
        await(selector + " with '" + text + "'", same -> same.text(selector).contains(text));
    }

    void awaitNone(String selector) {
        await("no element " + selector, same -> same.all(selector).isEmpty());
    }

    /** A click, by the page's own handler wherever the element is. */
    void click(String selector) {
        await(selector);
        await("a click on " + selector, same -> {
            same.all(selector).get(0).click();
            return true;
        });
    }

    void type(String selector, String text) {
        // Typed over, in one step: what is cleared first, a page that draws itself anew would fill in again.
        await(selector).sendKeys(Keys.chord(Keys.CONTROL, "a"), text);
    }

    List<WebElement> all(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    /** The text of all elements, a line each. */
    String text(String selector) {
        return String.valueOf(driver.executeScript(
                "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent).join('\\n')", selector));
    }

    /** Runs a script whose last argument is a function that ends it; gives what that is called with. */
    @Nullable
    Object asyncScript(String script, Object... arguments) {
        return driver.executeAsyncScript(script, arguments);
    }

    @Nullable
    Object script(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    void resize(int width, int height) {
        driver.manage().window().setSize(new Dimension(width, height));
    }

    void dark(boolean dark) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    /** A screen of this width, narrower than a window could be; 0 for the window as it is. */
    void screen(int width) {
        if (width == 0) {
            driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
        } else {
            driver.executeCdpCommand(
                    "Emulation.setDeviceMetricsOverride",
                    Map.of("width", width, "height", 800, "deviceScaleFactor", 1, "mobile", false));
        }
    }

    /** By how many pixels the page is wider than the screen: all of it, or what scrolls in it. */
    long overflow() {
        return (Long) Objects.requireNonNull(script("const page = document.querySelector('.page');"
                + " return Math.max(document.documentElement.scrollWidth - window.innerWidth,"
                + " page ? page.scrollWidth - page.clientWidth : 0)"));
    }

    /** Presses keys on what has the focus. */
    void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    byte[] screenshot() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    /** What the browser complained of, such as a breach of the policy; what it could not reach is no complaint. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::getMessage)
                .filter(message -> !message.contains("net::ERR_"))
                .filter(message -> !message.contains("Failed to load resource"))
                // Said of every page that comes without HTTPS and not from this machine.
                .filter(message -> !message.contains("Cross-Origin-Opener-Policy header has been ignored"))
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
