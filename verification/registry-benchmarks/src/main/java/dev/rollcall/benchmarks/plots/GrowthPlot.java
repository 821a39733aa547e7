package dev.rollcall.benchmarks.plots;

import dev.rollcall.benchmarks.results.Point;
import dev.rollcall.benchmarks.results.Spread;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;

/** How the time of calls grows with the number of entries: a curve for each kind of call. */
final class GrowthPlot {
    static final int HEIGHT = 480;

    private static final Map<String, Double> MICROSECONDS =
            Map.of("ns/op", 1e-3, "us/op", 1.0, "ms/op", 1e3, "s/op", 1e6);

    private final String title;
    private final String entries;
    private final String prefix;
    private final List<Point> points;

    /** @param prefix of the points' names, left out of the legend */
    GrowthPlot(String title, String entries, String prefix, List<Point> points) {
        this.title = title;
        this.entries = entries;
        this.prefix = prefix;
        this.points = points;
    }

    JFreeChart chart() {
        XYIntervalSeriesCollection curves = curves();
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawXError(false);
        renderer.setDefaultLinesVisible(true);
        for (int i = 0; i < curves.getSeriesCount(); i++) {
            renderer.setSeriesPaint(i, Svg.color(i));
        }
        return Svg.chart(title, new XYPlot(curves, axis(entries, "#,##0"), axis("µs", "#,##0.######"), renderer));
    }

    private static LogAxis axis(String label, String format) {
        LogAxis axis = new LogAxis(label);
        axis.setBase(10);
        // In exponents: whole powers only.
        axis.setTickUnit(new NumberTickUnit(1));
        axis.setNumberFormatOverride(new DecimalFormat(format, DecimalFormatSymbols.getInstance(Locale.ROOT)));
        return axis;
    }

    private XYIntervalSeriesCollection curves() {
        Map<String, XYIntervalSeries> series = new LinkedHashMap<>();
        for (Point point : points) {
            double factor = MICROSECONDS.getOrDefault(point.unit(), 1.0);
            Spread time = Spread.of(point.values());
            double size = point.size();
            series.computeIfAbsent(point.name().substring(prefix.length()), XYIntervalSeries::new)
                    .add(size, size, size, time.median() * factor, time.lowest() * factor, time.highest() * factor);
        }
        XYIntervalSeriesCollection curves = new XYIntervalSeriesCollection();
        series.values().forEach(curves::addSeries);
        return curves;
    }
}
