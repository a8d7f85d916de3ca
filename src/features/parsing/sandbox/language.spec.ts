import { describe, expect, it } from '@jest/globals';
import { detectLanguage } from './language.js';

const detect = (...texts: string[]) =>
  detectLanguage(texts.map((markdown) => ({ kind: 'page', page: null, label: null, markdown })));

describe('detectLanguage', () => {
  it.each([
    [
      'en',
      'The employee handbook grants thirty days of paid leave a year. Requests go to the manager two weeks ahead.',
    ],
    [
      'de',
      'Das Handbuch gewährt jedem Mitarbeiter dreißig Tage Urlaub im Jahr. Anträge gehen zwei Wochen vorher an die Leitung.',
    ],
    [
      'fr',
      'Le règlement accorde trente jours de congé par an à chaque salarié. Les demandes sont à faire deux semaines avant.',
    ],
    [
      'es',
      'El manual concede treinta días de vacaciones al año a cada empleado. Las solicitudes se presentan dos semanas antes.',
    ],
    [
      'ru',
      'Руководство предоставляет каждому сотруднику тридцать дней отпуска в год. Заявления подаются за две недели.',
    ],
    [
      'ja',
      'この手引きは、すべての従業員に年間三十日の休暇を認めています。申請は二週間前までに行ってください。',
    ],
    ['zh', '员工手册规定每位员工每年有三十天的带薪假期。申请应提前两周提交给经理。'],
    ['ar', 'يمنح الدليل كل موظف ثلاثين يوما من الإجازة المدفوعة في السنة، وتقدم الطلبات قبل أسبوعين.'],
  ])('finds %s', (language, text) => {
    expect(detect(text)).toBe(language);
  });

  it('is unsure of little text, of numbers and of addresses', () => {
    expect(detect('ok')).toBeNull();
    expect(detect('| 1 | 2 |\n|---|---|\n| 3.14 | 2.71 |')).toBeNull();
    expect(detect('https://example.org/a/b/c?d=e https://example.org/the/path/of/something')).toBeNull();
  });

  it('looks beyond a first page with too little text', () => {
    const text = 'Das Handbuch gewährt jedem Mitarbeiter dreißig Tage Urlaub im Jahr und noch mehr. '.repeat(
      50,
    );
    expect(detect('1 2 3', '', text)).toBe('de');
  });
});
