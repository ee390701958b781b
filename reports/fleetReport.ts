import { addMoney, decimalsOf, type Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { barChart } from './barChart.ts';
import { COLOURS } from './colours.ts';
import type { FleetReport, FleetVehicle } from './data.ts';
import { type Column, figures, heading, section, table } from './layout.ts';
import { type Document, pdf } from './pdf.ts';
import { shownAmount, shownCount, shownDay, shownKm, shownMoney, shownShare } from './shown.ts';

const WIDTH = 515;
const CHART_HEIGHT = 150;

const COLUMNS: readonly Column[] = [
  { name: 'Vehicle', width: '*', side: 'left' },
  { name: 'Status', width: 'auto', side: 'left' },
  { name: 'Trips', width: 'auto', side: 'right' },
  { name: 'km', width: 'auto', side: 'right' },
  { name: 'Rented', width: 'auto', side: 'right' },
  { name: 'Incidents', width: 'auto', side: 'right' },
  { name: 'Revenue', width: 'auto', side: 'right' },
  { name: 'Costs', width: 'auto', side: 'right' },
  { name: 'Net', width: 'auto', side: 'right' },
];

const minus = (one: Money, other: Money): Money =>
  moneyOf(minorUnits(one) - minorUnits(other), one.currency);

/** The last digits of an id tell vehicles of one make apart. */
const nameOf = ({ make, model, vehicle }: FleetVehicle): string =>
  `${make} ${model} · ${vehicle.slice(-6)}`;

const rowOf = (vehicle: FleetVehicle): readonly string[] => [
  nameOf(vehicle),
  vehicle.status.replaceAll('_', ' '),
  shownCount(vehicle.trips),
  shownKm(vehicle.distance_m),
  shownShare(vehicle.rented_share),
  shownCount(vehicle.incidents),
  shownAmount(vehicle.revenue),
  shownAmount(vehicle.costs),
  shownAmount(minus(vehicle.revenue, vehicle.costs)),
];

/**
 * What the vehicles come to. What belongs to none of them, or to one that has gone to another park, stands in
 * a row of its own.
 */
const totalsOf = ({ vehicles, revenue, costs }: FleetReport) => {
  const sum = (of: (vehicle: FleetVehicle) => number): number =>
    vehicles.reduce((total, vehicle) => total + of(vehicle), 0);
  const nothing = moneyOf(0n, revenue.currency);
  const money = (of: (vehicle: FleetVehicle) => Money): Money =>
    vehicles.map(of).reduce(addMoney, nothing);
  const others = {
    revenue: minus(
      revenue,
      money((each) => each.revenue),
    ),
    costs: minus(
      costs,
      money((each) => each.costs),
    ),
  };
  return {
    trips: sum(({ trips }) => trips),
    distance_m: sum(({ distance_m }) => distance_m),
    incidents: sum(({ incidents }) => incidents),
    rented: vehicles.filter(({ rented_share }) => (rented_share ?? 0) > 0).length,
    others: minorUnits(others.revenue) === 0n && minorUnits(others.costs) === 0n ? null : others,
  };
};

const chartOf = ({ days, revenue }: FleetReport): string => {
  const unit = 10 ** decimalsOf(revenue.currency);
  const inUnits = (money: Money): number => Number(minorUnits(money)) / unit;
  return barChart({
    width: WIDTH,
    height: CHART_HEIGHT,
    labels: days.map(({ day }) => `${Number(day.slice(8))}.${Number(day.slice(5, 7))}.`),
    series: [
      { name: 'Revenue', colour: COLOURS.first, values: days.map((each) => inUnits(each.revenue)) },
      { name: 'Costs', colour: COLOURS.second, values: days.map((each) => inUnits(each.costs)) },
    ],
    shown: (value) => shownCount(Math.round(value)),
  });
};

/** A park on one day: what it came to, the days before, and every vehicle. */
export const fleetDocument = (report: FleetReport): Document => {
  const { park, day, createdAt, vehicles, revenue, costs, receivables, deposits } = report;
  const { currency } = revenue;
  const totals = totalsOf(report);
  const net = minus(revenue, costs);
  const all = [
    ...['All', '', shownCount(totals.trips), shownKm(totals.distance_m), ''],
    ...[shownCount(totals.incidents), shownAmount(revenue), shownAmount(costs), shownAmount(net)],
  ];
  const { others } = totals;
  const rest =
    others === null
      ? []
      : [
          [
            ...['Other', '', '', '', '', '', shownAmount(others.revenue)],
            ...[shownAmount(others.costs), shownAmount(minus(others.revenue, others.costs))],
          ],
        ];
  return {
    title: `Fleet report ${park.code} ${day}`,
    createdAt,
    foot: `Fleet report · ${park.code} · ${day}`,
    content: [
      heading('Fleet report', `${park.name} (${park.code}), ${shownDay(day)}`),
      figures([
        { name: 'Revenue, net of tax', value: shownMoney(revenue) },
        { name: 'Costs', value: shownMoney(costs) },
        { name: 'Net', value: shownMoney(net) },
      ]),
      figures([
        { name: 'Vehicles', value: shownCount(vehicles.length) },
        { name: 'Rented out', value: shownCount(totals.rented) },
        { name: 'Distance, km', value: shownKm(totals.distance_m) },
        { name: 'Receivable from drivers', value: shownMoney(receivables) },
        { name: 'Deposits held', value: shownMoney(deposits) },
      ]),
      section(`Revenue and costs by day, ${currency}`),
      { svg: chartOf(report), width: WIDTH },
      section(`Vehicles, ${currency}`),
      table(COLUMNS, [...vehicles.map(rowOf), ...rest], all),
    ],
  };
};

/** A park on one day as a PDF. */
export const fleetReport = (report: FleetReport): Promise<Buffer> => pdf(fleetDocument(report));
