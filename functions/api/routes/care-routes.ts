import type { SharingRoute } from '../sharing-route.ts';
import { careDamageRoutes } from './care-damages.ts';
import { carePaperRoutes } from './care-papers.ts';
import { dirtRoutes } from './dirt.ts';
import { expenseRoutes } from './expenses.ts';
import { lostItemRoutes } from './lost-items.ts';
import { myDamageRoutes } from './my-damages.ts';
import { myPhotoRoutes } from './my-photos.ts';
import { supportOpeningRoutes } from './support-openings.ts';
import { vehicleCardRoutes } from './vehicle-card.ts';

export const careRoutes: readonly SharingRoute[] = [
  ...[...myPhotoRoutes, ...carePaperRoutes],
  ...[...myDamageRoutes, ...careDamageRoutes, ...dirtRoutes],
  ...[...lostItemRoutes, ...vehicleCardRoutes, ...expenseRoutes, ...supportOpeningRoutes],
];
