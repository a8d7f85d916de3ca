/**
 * Questions, each with the only passage that answers it. Length and kind of the passages are typical for
 * documents of organisations.
 */
export const probes: { question: string; passage: string }[] = [
  {
    question: 'How many days of holiday do new employees get?',
    passage:
      'Everyone who works full time has a right to twenty-seven days of paid leave in a calendar year. Those who join during the year get a twelfth of it for each full month. Requests go to the superior four weeks ahead, and days that are left in December may be carried over until the end of March.',
  },
  {
    question: 'What should I do when the printer shows a paper jam?',
    passage:
      'When paper is stuck, open the cover at the back and pull the sheet out slowly with both hands, in the direction of the arrow. Torn pieces must be removed before the cover is closed. If the message stays, switch the device off for a minute. The fuser is hot: do not touch the marked area.',
  },
  {
    question: 'Who has to approve invoices above ten thousand euros?',
    passage:
      'Incoming bills are checked by the department that ordered the goods and are paid within thirty days. The head of finance signs everything over 10,000 euros in person; smaller amounts are released by the cost centre. A second signature is needed where the supplier is new or the bank details have changed.',
  },
  {
    question: 'At what temperature must the vaccine be stored?',
    passage:
      'The doses are kept in the refrigerator between 2 and 8 degrees Celsius and must never be frozen. Vials that were outside for more than six hours are destroyed and recorded. The thermometer is read twice a day, and its readings are kept with the batch papers for five years.',
  },
  {
    question: 'How do I reset a forgotten password?',
    passage:
      'Users who can no longer sign in choose "Forgotten" on the login page and enter their address. A link arrives within a few minutes and is good for one hour. The new secret must have at least twelve characters and may not have been used before. After five wrong attempts the account is locked.',
  },
  {
    question: 'Why was the bridge closed in spring?',
    passage:
      'In April inspectors found cracks in two of the load-bearing cables, which is why traffic was stopped at once and the crossing stayed shut until June. Buses were led over the northern road. Replacing the cables cost the municipality about three million, of which the state paid half.',
  },
  {
    question: 'Can I cancel the subscription before the end of the year?',
    passage:
      'The contract runs for twelve months and is extended by the same period unless one party ends it with two months\u2019 notice. Leaving early is possible only when prices rise or when the service was down for more than three days in a row. Fees that were paid ahead are then returned in part.',
  },
  {
    question: 'Which tools are needed to change the bicycle tyre?',
    passage:
      'For a flat wheel you need two levers, a pump and a 15 millimetre spanner. Loosen the nuts, take the wheel out of the fork and press the rubber off the rim, beginning opposite the valve. Look for glass or thorns on the inside before the new tube is put in, then inflate to four bar.',
  },
  {
    question: 'Wie oft wird der Aufzug gewartet?',
    passage:
      'Eine Fachfirma prüft den Lift alle drei Monate; einmal im Jahr kommt der Sachverständige hinzu. Die Berichte hängen im Maschinenraum aus. Bleibt die Kabine stecken, meldet sich nach dem Drücken der gelben Taste die Leitstelle, die rund um die Uhr besetzt ist.',
  },
  {
    question: 'Bis wann muss die Reisekostenabrechnung eingereicht werden?',
    passage:
      'Auslagen für dienstliche Fahrten sind spätestens sechs Wochen nach der Rückkehr mit allen Belegen abzugeben, danach verfällt der Anspruch. Übernachtungen werden bis 110 Euro erstattet, im Ausland nach Tabelle. Für den eigenen Wagen gibt es dreißig Cent je Kilometer.',
  },
  {
    question: 'Welche Stoffe dürfen nicht in die Biotonne?',
    passage:
      'In den braunen Behälter gehören Obst, Gemüse, Kaffeesatz und Gartenabfälle. Nicht hinein dürfen Plastiktüten, auch kompostierbare, ferner Asche, Windeln und Fleisch. Geleert wird im Sommer jede Woche. Falsch befüllte Behälter bleiben mit einem roten Aufkleber stehen.',
  },
  {
    question: 'Quels documents faut-il pour inscrire un enfant à la cantine ?',
    passage:
      'Les parents remettent au secrétariat le formulaire signé, un justificatif de domicile et l\u2019attestation d\u2019assurance. Les repas se réservent avant le jeudi pour la semaine suivante. Le tarif dépend des revenus du foyer ; une absence signalée le matin même est facturée.',
  },
  {
    question: '¿Cuánto dura la garantía de la lavadora?',
    passage:
      'El fabricante responde de los defectos durante tres años desde la entrega, y del motor durante diez. Quedan fuera los daños por cal o por una instalación incorrecta. Para pedir la reparación basta el recibo; el técnico llama en dos días laborables para fijar la visita.',
  },
  {
    question: '图书馆周末几点开门？',
    passage:
      '本馆周一至周五八点开放，周六和周日上午十点开放，晚上六点闭馆。读者凭证入馆，每人最多可借十册，借期三十天。自习室的座位可以提前一天在网上预约，超过半小时未到视为放弃。',
  },
  {
    question: '新设备应该由谁验收？',
    passage:
      '采购的仪器到货后，由使用部门和资产管理员共同检查并签字。发现损坏的，应当在三个工作日内通知供应商。验收单一式两份，一份交财务入账，一份随机器保存，直至报废为止。',
  },
  {
    question: 'متى تُدفع رواتب الموظفين؟',
    passage:
      'تُحوَّل أجور العاملين إلى حساباتهم المصرفية في الخامس والعشرين من كل شهر، وإذا صادف يوم عطلة ففي يوم العمل السابق له. تُضاف ساعات العمل الإضافية إلى كشف الشهر التالي، وتُرسل القسائم إلكترونيًا إلى كل شخص.',
  },
];
