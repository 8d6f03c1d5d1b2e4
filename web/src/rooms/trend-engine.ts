/** The chart engine, fetched when the first chart is shown. */
import 'uplot/dist/uPlot.min.css';
import uPlot from 'uplot';

export const Plot = uPlot;
