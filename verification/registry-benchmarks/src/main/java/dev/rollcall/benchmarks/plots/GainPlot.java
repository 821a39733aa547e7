package dev.rollcall.benchmarks.plots;

import dev.rollcall.benchmarks.results.Comparison;
import dev.rollcall.benchmarks.results.Spread;
import java.awt.BasicStroke;
import java.awt.Color;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.StandardXYBarPainter;
import org.jfree.chart.renderer.xy.XYBarRenderer;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.data.xy.XYIntervalSeries;
import org.jfree.data.xy.XYIntervalSeriesCollection;

/** How many times as good as raw clients ours is: a bar for each scenario and rival, from 1, with the spread of the rounds. */
final class GainPlot {
    private static final double HALF_A_BAR = 0.35;
    private static final double MARGIN = 1.25;
    private static final int PIXELS_PER_BAR = 22;
    private static final int PIXELS_AROUND = 130;

    private final String title;
    private final List<Comparison> rows = new ArrayList<>();

    GainPlot(String title, List<Comparison> rows) {
        this.title = title;
        for (Comparison row : rows) {
            Spread gain = Spread.of(row.gains());
            // A heap that garbage made smaller has no place on a logarithmic axis.
            if (gain.lowest() > 0 && Double.isFinite(gain.highest())) {
                this.rows.add(row);
            }
        }
    }

    int height() {
        return PIXELS_AROUND + PIXELS_PER_BAR * rows.size();
    }

    JFreeChart chart() {
        XYIntervalSeriesCollection bars = bars();
        SymbolAxis scenarios =
                new SymbolAxis(null, rows.stream().map(Comparison::scenario).toArray(String[]::new));
        scenarios.setInverted(true);
        scenarios.setGridBandsVisible(false);
        LogAxis gain = new LogAxis("times as good as the raw client (1 = the same; right is better)");
        gain.setBase(2);
        // In exponents: whole powers only.
        gain.setTickUnit(new NumberTickUnit(1));
        gain.setNumberFormatOverride(new DecimalFormat("0.###", DecimalFormatSymbols.getInstance(Locale.ROOT)));

        gain.setRange(
                rows.stream()
                                .mapToDouble(row -> Spread.of(row.gains()).lowest())
                                .reduce(1, Math::min)
                        / MARGIN,
                rows.stream()
                                .mapToDouble(row -> Spread.of(row.gains()).highest())
                                .reduce(1, Math::max)
                        * MARGIN);

        XYPlot plot = new XYPlot(bars, scenarios, gain, barRenderer(bars));
        // Not the same object: the legend would take it for the bars once more.
        plot.setDataset(1, bars());
        plot.setRenderer(1, spreadRenderer(bars));
        plot.setDatasetRenderingOrder(DatasetRenderingOrder.FORWARD);
        plot.setOrientation(PlotOrientation.HORIZONTAL);
        plot.addRangeMarker(new ValueMarker(1, Color.BLACK, new BasicStroke(1)));
        return Svg.chart(title, plot);
    }

    /** A series for each rival; the number of a bar is that of its row. */
    private XYIntervalSeriesCollection bars() {
        Map<String, XYIntervalSeries> series = new LinkedHashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            Comparison row = rows.get(i);
            Spread gain = Spread.of(row.gains());
            series.computeIfAbsent(row.rival(), rival -> new XYIntervalSeries("beside " + rival))
                    .add(i, i - HALF_A_BAR, i + HALF_A_BAR, gain.median(), gain.lowest(), gain.highest());
        }
        XYIntervalSeriesCollection bars = new XYIntervalSeriesCollection();
        series.values().forEach(bars::addSeries);
        return bars;
    }

    private static XYBarRenderer barRenderer(XYIntervalSeriesCollection bars) {
        XYBarRenderer renderer = new XYBarRenderer();
        renderer.setBase(1);
        renderer.setUseYInterval(false);
        renderer.setShadowVisible(false);
        renderer.setBarPainter(new StandardXYBarPainter());
        for (int i = 0; i < bars.getSeriesCount(); i++) {
            renderer.setSeriesPaint(i, Svg.color(i));
        }
        return renderer;
    }

    private static XYErrorRenderer spreadRenderer(XYIntervalSeriesCollection bars) {
        XYErrorRenderer renderer = new XYErrorRenderer();
        renderer.setDrawXError(false);
        renderer.setDefaultShapesVisible(false);
        renderer.setErrorPaint(Color.BLACK);
        for (int i = 0; i < bars.getSeriesCount(); i++) {
            renderer.setSeriesVisibleInLegend(i, false);
        }
        return renderer;
    }
}
