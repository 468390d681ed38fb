import { createRequire } from 'node:module';
import validator from 'validator';
import type { Country } from '#libs/domain';
import { seemsToName } from './find-names.js';

/** What may identify a person. */
export type PeopleDataKind =
  'name' | 'phone-number' | 'e-mail-address' | 'postal-address' | 'date-of-birth' | 'document-number' | 'account';

type PhoneNumbers = typeof import('libphonenumber-js/min');

const require = createRequire(import.meta.url);
let phoneNumbers: PhoneNumbers | undefined;

const MAIL = /[^\s<>()[\]"',;:]{1,64}@[^\s<>()[\]"',;:]{1,190}/gu;
const HANDLE = /(?:^|[\s(,;:])@[\p{L}\p{N}_]{3,30}\b/u;
const BORN =
  /(?:\bborn\b|\bdate of birth\b|\bd\.?o\.?b\b\.?|(?<!\p{L})née?(?!\p{L})|\bgeboren\b|\bfødt\b|\bnato il\b|\bnacid[oa]\b)[^\n]{0,20}\d/iu;
/** A house number and a street, in the order of English and of the continent. */
const STREET =
  /\b\d{1,5}[a-z]?,? (?:\p{Lu}[\p{L}'’-]+ ){1,3}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|square|sq|close|crescent|terrace|boulevard|blvd)\b|\b(?:rue|avenue|boulevard|via|calle|plaza|ulica) (?:\p{L}[\p{L}'’-]*[ ,]+){1,4}\d{1,4}\b|\b\p{Lu}[\p{L}-]*(?:straße|strasse|str\.|gate|gata|gatan|vej|veien|weg|laan|straat) \d{1,4}\b/iu;
/** A number that a word before it calls that of a document; a number alone could be anything. */
const DOCUMENT =
  /\b(?:passport|passeport|reisepass|id[ -]?card|identity (?:card|number|document)|national insurance|social security|ssn|driving licen[cs]e|driver'?s licen[cs]e|personnummer|fødselsnummer|carte d'identité|personalausweis)(?!\p{L})[^\n\p{L}\p{N}]{0,4}(?:(?:no|nr|number|num|n°))?[^\n\p{L}\p{N}]{0,4}(?=(?:[\p{L}-]*\d){3})[\p{L}\p{N}-]{5,20}/iu;
const MAYBE_IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b/g;
const matchesOf = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([found]) => found);

/**
 * Finds in a text what may identify a person: names (of English texts), phone numbers, mail addresses and handles, postal
 * addresses, dates of birth, numbers of documents and bank accounts. It would rather ask once too often: a person decides.
 * @param country the country whose phone numbers are written without its prefix
 * @returns the kinds found, each once
 */
export function findPeopleData(text: string, country?: Country): PeopleDataKind[] {
  const found = new Set<PeopleDataKind>();
  if (matchesOf(text, MAIL).some((address) => validator.isEmail(address.replace(/\.+$/, ''))))
    found.add('e-mail-address');
  if (HANDLE.test(text)) found.add('account');
  if (matchesOf(text, MAYBE_IBAN).some(beginsWithIban)) found.add('account');
  if (BORN.test(text)) found.add('date-of-birth');
  if (STREET.test(text)) found.add('postal-address');
  if (DOCUMENT.test(text)) found.add('document-number');
  if (hasPhone(text, country)) found.add('phone-number');
  if (seemsToName(text)) found.add('name');
  return [...found];
}

/** Whether it is the number of an account, with or without words in capitals behind it. */
function beginsWithIban(text: string): boolean {
  const parts = text.split(' ');
  return parts.some((_, last) => validator.isIBAN(parts.slice(0, parts.length - last).join('')));
}

type Region = Extract<Parameters<PhoneNumbers['findPhoneNumbersInText']>[1], string>;

/** As many digits as the shortest numbers have, with what stands between those of one number. */
const MAYBE_PHONE = /\d(?:[\s()./-]{0,3}\d){5,}/;

/** What is said before the number of a law. */
const BEFORE_A_LAW =
  /(?:\b(?:act|regulation|directive|decision|law|loi|gesetz|article|art|section|case|no|nr|eu|ec|eec)\b|n°|§)[^\n\p{L}\p{N}]{0,4}(?:(?:no|nr)\b\.?\s?)?$/iu;

/** Whether digits that could be a number of a telephone are that of a law, such as 2021/784, or a date: these could be both. */
function isLawOrDate(text: string, startsAt: number, endsAt: number): boolean {
  const number = text.slice(startsAt, endsAt);
  if (/^[(\s]*[+0]/.test(number)) return false;
  if (/\d\/$/.test(text.slice(0, startsAt))) return true;
  return (
    /^(?:\d{1,4}\/\d[\d-]*|\d{1,2}([-./])\d{1,2}\1\d{4})$/.test(number) ||
    BEFORE_A_LAW.test(text.slice(0, startsAt).slice(-30))
  );
}

/** A number with the prefix of its country, as it is dialled. */
const DIALLED_ABROAD = /(?<!\d)00[1-9](?:[\s().-]?\d){8,13}(?!\d)/;

function hasPhone(text: string, country: Country | undefined): boolean {
  if (!MAYBE_PHONE.test(text)) return false;
  if (DIALLED_ABROAD.test(text)) return true;
  // As CommonJS: its other form reads JSON in a way that Node will not import for long. Read once it is needed.
  phoneNumbers ??= require('libphonenumber-js/min') as PhoneNumbers;
  // Two letters of ISO 3166; one that the library does not know finds numbers with a prefix only.
  return phoneNumbers
    .findPhoneNumbersInText(text, country as Region | undefined)
    .some(({ startsAt, endsAt }) => !isLawOrDate(text, startsAt, endsAt));
}
