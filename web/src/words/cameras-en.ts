/** The words of the page of cameras in English. */
import type { cameras as zh } from './cameras-zh';

export const cameras: typeof zh = {
  title: 'Plates read by cameras',
  lead: (target) => `Of the vehicles that came on the day, the share whose plate each camera read · target ${target}`,
  key: 'Plates read by cameras',
  day: 'Day',
  previousDay: 'The day before',
  nextDay: 'The day after',
  rate: 'Read, all cameras',
  rateLead: (target) => `target ${target}`,
  seen: 'Vehicles that came',
  seenLead: 'as cameras saw them',
  unread: 'Not read',
  unreadLead: 'less sure than the section wants',
  reached: 'Target reached',
  short: (points) => `${points} points below the target`,
  camera: 'Camera',
  section: 'Section or lot',
  read: 'Read / came',
  share: 'Share read',
  below: 'Below target',
  list: 'Each camera',
  listLead: 'those that read least come first',
  none: 'No camera saw a vehicle come on this day',
  noneLead: 'Choose another day, or see whether the devices answer.',
  more: 'Show more cameras',
};
