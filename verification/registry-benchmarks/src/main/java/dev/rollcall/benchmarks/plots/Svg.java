package dev.rollcall.benchmarks.plots;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.batik.dom.GenericDOMImplementation;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.plot.XYPlot;
import org.w3c.dom.Document;

/** Pictures of one look, as files. */
final class Svg {
    private static final int WIDTH = 900;

    /** Told apart by those who see no red or green, too. */
    private static final List<Color> COLORS =
            List.of(new Color(0x0072B2), new Color(0xE69F00), new Color(0x009E73), new Color(0xCC79A7), Color.GRAY);

    private Svg() {}

    /** The colour of a series. */
    static Color color(int series) {
        return COLORS.get(series % COLORS.size());
    }

    /** A chart of the plot on white. */
    static JFreeChart chart(String title, XYPlot plot) {
        JFreeChart chart = new JFreeChart(title, plot);
        chart.setBackgroundPaint(Color.WHITE);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(Color.LIGHT_GRAY);
        plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
        plot.setOutlineVisible(false);
        return chart;
    }

    /** Writes the chart; the same figures give the same file. */
    static void write(JFreeChart chart, int height, Path file) throws IOException {
        Document document = GenericDOMImplementation.getDOMImplementation()
                .createDocument(SVGGraphics2D.SVG_NAMESPACE_URI, "svg", null);
        SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
        context.setComment(null);
        SVGGraphics2D graphics = new SVGGraphics2D(context, false);
        graphics.setSVGCanvasSize(new Dimension(WIDTH, height));
        chart.setElementHinting(false);
        chart.draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, height));
        try (Writer out = Files.newBufferedWriter(file, UTF_8)) {
            graphics.stream(out, true);
        }
    }
}
