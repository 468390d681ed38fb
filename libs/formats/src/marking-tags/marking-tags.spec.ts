import { markingOfTags, tagsIn, tlpWithin } from './marking-tags.js';

describe('markings in tags', () => {
  it.each([
    [['tlp:amber', 'type:OSINT'], { tlp: ['amber'], isMarkedOtherwise: false }],
    [['TLP:RED'], { tlp: ['RED'], isMarkedOtherwise: false }],
    [['tlp:ex:chr'], { tlp: ['ex:chr'], isMarkedOtherwise: false }],
    [['PAP:RED'], { tlp: [], isMarkedOtherwise: true }],
    [['PAP:GREEN', 'misp-galaxy:target="x"'], { tlp: [], isMarkedOtherwise: false }],
    [['nato:classification="NS"'], { tlp: [], isMarkedOtherwise: true }],
    [['"tlp = green"', 'admiralty-scale:source-reliability="a"'], { tlp: ['green'], isMarkedOtherwise: false }],
    [[`tlp:${'x'.repeat(100_000)}`], { tlp: ['x'.repeat(496)], isMarkedOtherwise: false }],
  ])('%j', (tags, marking) => expect(markingOfTags(tags)).toEqual(marking));

  it('stand in one cell, parted by what exports part them by', () =>
    expect(tagsIn('tlp:green, PAP:AMBER;x | ')).toEqual(['tlp:green', 'PAP:AMBER', 'x']));

  it.each([
    ['see TLP:AMBER+STRICT, please', ['AMBER+STRICT']],
    ['the TLP: they did not say', []],
    ['subtlp:red', []],
    ['tlp=red tlp:green', ['red', 'green']],
  ])('are found within other text: %s', (text, labels) => expect(tlpWithin(text)).toEqual(labels));
});
