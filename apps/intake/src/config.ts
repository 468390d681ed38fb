import { IsIn, IsInt, IsUrl, Matches, Max, Min } from 'class-validator';
import { TLP_LEVELS, type Tlp } from '#libs/domain';
import { FromEnv, ServiceConfig, KeysDir } from '#libs/runtime';
import { CLASSIFICATION_LEVELS, type ClassificationLevel } from './scan-parts/classification-words.js';
import type { DeclaredLevel } from './scan-parts/find-level-marks.js';

/** Configuration of intake. */
export class IntakeConfig extends ServiceConfig {
  @FromEnv('TOCSIN_PORT')
  @IsInt()
  @Min(0)
  @Max(65535)
  override port: number = 7001;

  @FromEnv('TOCSIN_OPS_PORT')
  @IsInt()
  @Min(0)
  @Max(65535)
  override opsPort: number = 7101;

  @KeysDir()
  keysDir: string;

  @FromEnv('TOCSIN_NORMALISER_URL', 'Where the normaliser answers, which tells what became of a submission.')
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  normaliserUrl: string;

  @FromEnv('TOCSIN_PLATFORM_API_URL', 'Where platform-api answers, which counts how far a retraction has come.')
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  platformApiUrl: string;

  @FromEnv(
    'TOCSIN_PUBLIC_URL',
    'Address by which agencies reach this service, `https://…`, for the API roots of TAXII; empty: they are given as paths.',
  )
  @Matches(/^(https?:\/\/[^\s?#]+)?$/)
  publicUrl: string = '';

  @FromEnv(
    'TOCSIN_HIGHEST_TLP',
    'Highest TLP label that this deployment may hold; anything above is refused before it is committed.',
  )
  @IsIn(TLP_LEVELS)
  highestTlp: Tlp = 'amber+strict';

  @FromEnv('TOCSIN_HIGHEST_CLASSIFICATION', 'Highest classification that this deployment may hold.')
  @IsIn(CLASSIFICATION_LEVELS)
  highestClassification: ClassificationLevel = 'unclassified';

  @FromEnv(
    'TOCSIN_KEEP_BYTES_HOURS',
    'Hours for which the bytes of a submission are kept after it settled; then only digest and receipt are.',
  )
  @IsInt()
  @Min(0)
  @Max(87_600)
  keepBytesHours: number = 72;

  @FromEnv('TOCSIN_LARGEST_SUBMISSION_BYTES', 'Most bytes of one submission, as received and decompressed.')
  @IsInt()
  @Min(1024)
  @Max(1_073_741_824)
  largestSubmissionBytes: number = 1_073_741_824;

  @FromEnv('TOCSIN_CONCURRENT_UPLOADS', 'Most uploads under way at once; each needs a few MiB.')
  @IsInt()
  @Min(1)
  @Max(1000)
  concurrentUploads: number = 16;
}

/** The markings that a deployment may hold. */
export function levelsOf({ highestTlp, highestClassification }: IntakeConfig): DeclaredLevel {
  return { tlp: highestTlp, classification: highestClassification };
}
