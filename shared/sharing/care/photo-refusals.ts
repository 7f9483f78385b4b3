import { Failure } from '../../kernel/failure.ts';

export function photoTooLarge(bytes: number): Failure {
  return new Failure('too-large', 'photo-too-large', 'A photo has at most 10,000,000 bytes.', {
    resolution: 'Send it smaller: 2,000 pixels a side show every scratch.',
    errors: [{ pointer: '/bytes', detail: `is ${bytes}` }],
  });
}

export function photoTypeNotAccepted(type: string): Failure {
  return new Failure('invalid', 'photo-type-not-accepted', 'Photos are JPEG, PNG, WebP or HEIC.', {
    resolution: 'Send image/jpeg, image/png, image/webp or image/heic.',
    errors: [{ pointer: '/contentType', detail: `is ${type.slice(0, 80)}` }],
  });
}

export function photosTooMany(): Failure {
  return new Failure('conflict', 'photos-too-many', 'There are 12 photos, and 12 is the most.', {
    resolution: 'Go on without: what is there is kept.',
  });
}

export function photoNotFound(): Failure {
  return new Failure('not-found', 'photo-not-found', 'There is no such photo.', {
    resolution: 'GET …/photos lists what there is.',
  });
}

export function photoNotThere(): Failure {
  return new Failure('conflict', 'photo-not-there', 'The photo has not arrived.', {
    resolution:
      'Send it to the address that the order named, then ask again; an old address is renewed by a new order.',
  });
}

export function photoRefused(): Failure {
  return new Failure(
    'unacceptable',
    'photo-refused',
    'What arrived is not of the type that was said, and was deleted.',
    {
      resolution: 'Order another one, with the type that the file has.',
    },
  );
}

export function momentOver(moment: string): Failure {
  return new Failure('conflict', 'photo-moment-over', `It is not the time for photos of this moment: ${moment}.`, {
    resolution:
      'Of the start: from the hold on. Of the end: until half an hour after it. Of damage and receipts: within a day.',
    errors: [{ pointer: '/moment', detail: 'is not now' }],
  });
}
