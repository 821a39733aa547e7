// Charts of values over time, by uPlot, in the colours of the page.
import uPlot from './lib/uplot/dist/uPlot.esm.js';

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** An element that draws series over time; draws again only when its data is another, or its size. */
class TimeChart extends HTMLElement {
  #plot = null;
  #data = null;
  #observer = null;
  #drawn = 0;

  set data(value) {
    if (value !== this.#data) {
      this.#data = value;
      this.#draw();
    }
  }

  connectedCallback() {
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(this);
    this.scheme = matchMedia('(prefers-color-scheme: dark)');
    this.again = () => { this.#drop(); this.#draw(); };
    this.scheme.addEventListener('change', this.again);
    this.#draw();
  }

  disconnectedCallback() {
    this.#observer.disconnect();
    this.scheme.removeEventListener('change', this.again);
    this.#drop();
  }

  #drop() {
    if (this.#plot) {
      this.#plot.destroy();
      this.#plot = null;
    }
  }

  #resize() {
    if (this.#plot && this.clientWidth > 0) {
      this.#plot.setSize({ width: this.clientWidth, height: this.clientHeight });
    } else {
      this.#draw();
    }
  }

  #draw() {
    if (!this.#data || !this.isConnected || this.clientWidth === 0) {
      return;
    }
    this.setAttribute('data-points', this.#data.times.length);
    const values = [this.#data.times, ...this.#data.series.map(series => series.values)];
    if (this.#plot && this.#drawn === values.length) {
      this.#plot.setData(values);
      return;
    }
    this.#drop();
    this.#drawn = values.length;
    const axis = { stroke: colour('--dim'), grid: { stroke: colour('--line-soft'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
    this.#plot = new uPlot({
      width: this.clientWidth,
      height: this.clientHeight,
      padding: [8, 8, 0, 0],
      cursor: { y: false, points: { show: false } },
      legend: { show: false },
      scales: { y: { range: (plot, low, high) => [0, Math.max(high === null ? 1 : high * 1.15, this.#data.least ?? 1)] } },
      axes: [
        { ...axis, size: 26, values: (plot, ticks) => ticks.map(t => new Date(t * 1000).toLocaleTimeString([], { hour12: false })) , space: 90 },
        { ...axis, size: 56, space: 28, values: (plot, ticks) => ticks.map(this.#data.label ?? (value => Number.isInteger(value) ? value.toLocaleString('en') : '')) },
      ],
      series: [{}, ...this.#data.series.map(series => ({
        label: series.label, stroke: colour(series.colour), width: 1.6, points: { show: false }, spanGaps: false,
        fill: series.fill ? colour(series.fill) : undefined, paths: series.steps ? uPlot.paths.stepped({ align: 1 }) : undefined,
      }))],
    }, values, this);
  }
}

customElements.define('time-chart', TimeChart);
