import { expect } from 'chai';
import {
  clockTime,
  dateTime,
  day,
  duration,
  fileSize,
  money,
  percent,
  showTimesIn,
  timeOfDay,
  utcDay,
  utcMonth,
} from './format.ts';
import { localization } from './i18n/language.ts';
import { columnsFor, initials } from './studio/names.ts';

describe('figures in words', () => {
  it('shows time as mm:ss, with hours only when there are any', () => {
    expect(clockTime(0)).to.equal('00:00');
    expect(clockTime(59_999)).to.equal('00:59');
    expect(clockTime(3_599_000)).to.equal('59:59');
    expect(clockTime(3_600_000)).to.equal('1:00:00');
  });

  it('shows instants where a person wants them, in summer and in winter', () => {
    const shown = (iso: string) => dateTime(iso).replace(/\s/g, ' ');
    showTimesIn('Europe/Paris');
    expect(shown('2026-07-01T10:00:00Z')).to.equal('Jul 1, 2026, 12:00 PM');
    expect(shown('2026-12-01T10:00:00Z')).to.equal('Dec 1, 2026, 11:00 AM');
    expect(timeOfDay(new Date('2026-12-01T10:00:00Z')).replace(/\s/g, ' ')).to.equal('11:00 AM');
    showTimesIn('America/Montreal');
    expect(shown('2026-07-01T02:00:00Z')).to.equal('Jun 30, 2026, 10:00 PM');
    for (const own of [null, 'Moon/Tycho']) {
      showTimesIn(own);
      const inBrowsers = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
      expect(dateTime('2026-07-01T10:00:00Z')).to.equal(inBrowsers.format(new Date('2026-07-01T10:00:00Z')));
    }
  });

  it('shows sums of money in their currency, and days', () => {
    showTimesIn('Europe/Paris');
    expect([money(1900, 'eur'), money(1950, 'cad'), money(500, 'jpy')]).to.deep.equal([
      ...['€19', 'CA$19.50', '¥500'],
    ]);
    expect(day('2026-12-31T23:30:00Z')).to.equal('January 1, 2027');
    expect(utcDay('2026-12-31T23:30:00Z')).to.equal('December 31, 2026');
    expect(utcMonth('2026-12-31T23:30:00Z')).to.equal('December 2026');
    const before = localization.get();
    localization.patch({ locale: 'fr', language: 'fr' });
    expect([utcDay('2026-11-01T00:00:00Z'), utcDay('2026-11-11T00:00:00Z')]).to.deep.equal([
      ...['1er novembre 2026', '11 novembre 2026'],
    ]);
    localization.patch(before);
  });

  it('shows sizes in decimal units', () => {
    expect(fileSize(0)).to.equal('0 bytes');
    expect(fileSize(1_500)).to.equal('1.5 kB');
    expect(fileSize(999_960)).to.equal('1.0 MB');
    expect(fileSize(108_576_044)).to.equal('109 MB');
  });

  it('writes figures as the language and region do', () => {
    const before = localization.get();
    const shown = (locale: string) => {
      localization.patch({ locale });
      return [fileSize(1_500), fileSize(0), duration(7, 'day'), percent(0.5)].map(each =>
        each.replace(/\s/g, ' '),
      );
    };
    try {
      expect(shown('en-CA')).to.deep.equal(['1.5 kB', '0 bytes', '7 days', '50%']);
      expect(shown('fr-FR')).to.deep.equal(['1,5 ko', '0 octet', '7 jours', '50 %']);
      showTimesIn('America/Montreal');
      localization.patch({ locale: 'fr-CA' });
      expect(dateTime('2026-07-01T18:00:00Z').replace(/\s/g, ' ')).to.equal('1 juill. 2026, 14 h 00');
    } finally {
      showTimesIn(null);
      localization.set(before);
    }
  });

  it('takes initials of the first and the last word', () => {
    expect(initials('Ada King Lovelace')).to.equal('AL');
    expect(initials('  grace ')).to.equal('G');
    expect(initials('🌙 Moon')).to.equal('🌙M');
  });

  it('keeps tiles as large as they go', () => {
    expect([1, 2, 4, 5, 9, 10].map(columnsFor)).to.deep.equal([1, 2, 2, 3, 3, 4]);
  });
});
