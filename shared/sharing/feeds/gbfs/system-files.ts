import { hoursOf } from '../../setup/opening-hours.ts';
import type { SharingSystem } from '../../setup/system.ts';
import type { SystemId } from '../../sharing-id.ts';
import type { CitySetup } from '../published-city.ts';
import { manifestPath, pathOf } from './addresses.ts';
import { type FeedFile, type FeedName, gbfsVersion } from './feed-file.ts';
import { languageOf, localized } from './texts.ts';

/** GBFS 3.0, `system_information.json`. */
export function systemInformation({ operator, system }: CitySetup, baseUrl: string): FeedFile {
  const data = {
    system_id: system.systemId,
    languages: [languageOf(system)],
    name: localized(system.name, system),
    operator: localized(operator.name, system),
    opening_hours: openingHours(system),
    ...(operator.phone !== undefined && { phone_number: operator.phone }),
    email: operator.email,
    feed_contact_email: operator.email,
    timezone: system.timeZone,
    manifest_url: `${baseUrl}/${manifestPath}`,
  };
  return { name: 'system_information', data };
}

/** OpenStreetMap's `opening_hours`: `Mo 08:00-20:00; Tu off; …`. */
function openingHours({ openingHours: hours }: SharingSystem): string {
  if (hours === '24/7') return hours;
  const days = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'].map((day, index) => {
    const open = hoursOf(hours, index + 1);
    return open === undefined ? `${day} off` : `${day} ${wallTime(open.from)}-${wallTime(open.to)}`;
  });
  return days.join('; ');
}

function wallTime(minutes: number): string {
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
  return `${hour}:${minute}`;
}

/** GBFS 3.0, `gbfs_versions.json`. */
export function versions(systemId: SystemId, baseUrl: string): FeedFile {
  return { name: 'gbfs_versions', data: { versions: versionsOf(systemId, baseUrl) } };
}

/** GBFS 3.0, `gbfs.json`: where each of the others is. */
export function discovery(systemId: SystemId, names: readonly FeedName[], baseUrl: string): FeedFile {
  const feeds = names.map((name) => ({ name, url: `${baseUrl}/${pathOf(systemId, name)}` }));
  return { name: 'gbfs', data: { feeds } };
}

/** GBFS 3.0, `manifest.json`. */
export function manifest(systemIds: readonly SystemId[], baseUrl: string): object {
  const datasets = systemIds.map((systemId) => ({ system_id: systemId, versions: versionsOf(systemId, baseUrl) }));
  return { datasets };
}

function versionsOf(systemId: SystemId, baseUrl: string) {
  return [{ version: gbfsVersion, url: `${baseUrl}/${pathOf(systemId, 'gbfs')}` }];
}
