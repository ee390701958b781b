import type { AssetRefusal } from '#domain/assets/asset.ts';
import type { Row } from './problemRow.ts';

type Code = Exclude<AssetRefusal['code'], 'ForeignCurrency'>;

/** How it is told why something about vehicles as assets is refused. */
export const assetProblems: { readonly [C in Code]: Row<C> } = {
  AssetAcquiredAlready: { status: 409, title: 'The vehicle was acquired in another way' },
  AssetNotAcquired: { status: 409, title: 'The vehicle is not in the books' },
  AssetDisposed: {
    status: 409,
    title: 'The vehicle was disposed of',
    tell: ({ since }) => ({ since }),
  },
  AssetNotDisposed: { status: 409, title: 'The vehicle was not disposed of' },
  DisposalBeforeAcquisition: {
    status: 422,
    title: 'Nothing is disposed of before it was acquired',
    tell: ({ acquired }) => ({ acquired_on: acquired }),
  },
  ResidualAboveCost: { status: 422, title: 'What is to be left is more than what it cost' },
};
