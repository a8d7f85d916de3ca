import { describe, expect, it } from '@jest/globals';
import { detectLanguage } from './language.js';

describe('detectLanguage', () => {
  it.each([
    ['en', 'How many days of leave does the handbook grant to a new colleague?'],
    ['en', 'The Polish cities of Warszawa, Kraków and Wrocław were rebuilt in 1950.'],
    ['de', 'Wie viele Tage Urlaub stehen mir im ersten Jahr zu?'],
    ['fr', 'Combien de jours de congé sont accordés par le règlement ?'],
    ['es', '¿Cuántos días de vacaciones tiene el personal en el primer año?'],
    ['nl', 'Hoeveel dagen verlof heeft een nieuwe medewerker van het bedrijf?'],
    ['ru', 'Сколько дней отпуска положено сотруднику в первый год?'],
    ['ar', 'كم عدد أيام الإجازة التي يحصل عليها الموظف في السنة الأولى؟'],
    ['zh', '员工第一年有多少天假期？'],
    ['ja', '初年度の従業員の休暇は何日ですか。'],
    ['ko', '첫해 직원의 휴가는 며칠입니까?'],
    ['th', 'พนักงานมีวันหยุดกี่วันในปีแรก'],
    ['el', 'Πόσες ημέρες άδειας δικαιούται ο υπάλληλος;'],
  ])('recognises %s', (language, text) => {
    expect(detectLanguage(text)).toBe(language);
  });

  it.each(['', '2024 12 31', '–––', 'CA581203 100 5 1'])('is unsure of %j', (text) => {
    expect(detectLanguage(text)).toBeNull();
  });
});
