import { makeZip } from '../../test/make-zip.js';
import { HASH, attached, opened, refusal } from '../../test/opened-in-test.js';

describe('an archive', () => {
  it('gives its files', async () => {
    const { documents, dropped } = await opened(
      makeZip([
        { name: 'folder/', bytes: '' },
        { name: 'folder/list.txt', bytes: `${HASH}\n` },
        { name: '__MACOSX/folder/._list.txt', bytes: 'x' },
        { name: 'folder/photo.jpg', bytes: Buffer.from('ffd8ffe000', 'hex') },
        { name: 'locked.txt', bytes: 'x', flags: 1 },
      ]),
    );
    expect(documents).toEqual([['folder/list.txt', 'value-list', `${HASH}\n`]]);
    expect(dropped).toEqual([
      ['folder/photo.jpg', 'media'],
      ['locked.txt', 'encrypted'],
    ]);
  });

  it('is not a document of an office program that is not opened', async () => {
    const slides = makeZip([
      { name: '[Content_Types].xml', bytes: 'x' },
      { name: 'ppt/notes.txt', bytes: `${HASH}\n` },
    ]);
    expect((await refusal(slides))[0]).toBe('TOC_SUBMISSION_FORMAT');
    const { documents, dropped } = await opened(attached(['slides.pptx', 'application/zip', slides]));
    expect(documents.map(([name]) => name)).toEqual(['mail']);
    expect(dropped).toEqual([['slides.pptx', 'not-text']]);
  });

  const zeros = Buffer.alloc(65 * 1024 * 1024);
  it.each([
    ['a file of zeros', () => makeZip([{ name: 'a', bytes: zeros }]), 'TOC_SUBMISSION_TOO_LARGE', 'ratio'],
    [
      'many files of zeros',
      () => makeZip(Array.from({ length: 80 }, (_none, n) => ({ name: `${n}`, bytes: zeros.subarray(0, 2_000_000) }))),
      'TOC_SUBMISSION_TOO_LARGE',
      'inside',
    ],
    [
      'a file longer than it says',
      () => makeZip([{ name: 'a', bytes: 'x'.repeat(100_000), saidSize: 10 }]),
      'TOC_SUBMISSION_CONTAINER',
      'broken',
    ],
    ['a way out', () => makeZip([{ name: '../../etc/passwd', bytes: 'x' }]), 'TOC_SUBMISSION_CONTAINER', 'path'],
    ['an absolute name', () => makeZip([{ name: '/etc/passwd', bytes: 'x' }]), 'TOC_SUBMISSION_CONTAINER', 'path'],
    [
      'too many entries',
      () => makeZip(Array.from({ length: 5000 }, (_none, n) => ({ name: `${n}`, bytes: '' }))),
      'TOC_SUBMISSION_CONTAINER',
      'entries',
    ],
    [
      'nothing but a lock',
      () => makeZip([{ name: 'a', bytes: 'x', flags: 1 }]),
      'TOC_SUBMISSION_CONTAINER',
      'encrypted',
    ],
    ['nothing', () => makeZip([]), 'TOC_SUBMISSION_CONTAINER', 'nothing'],
    ['half of it', () => makeZip([{ name: 'a', bytes: HASH }]).subarray(0, 60), 'TOC_SUBMISSION_CONTAINER', 'broken'],
  ])('with %s is refused', async (_name, make, code, why) => {
    expect(await refusal(make())).toEqual([code, why]);
  });
});
