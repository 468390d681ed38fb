import { isRetractionReason, RETRACTION_REASONS } from '#libs/domain';

/** How long platforms have to say what they did about a word that has ended. */
export class DutyClock {
  /**
   * @param hours for most
   * @param urgentHours where the signals were an error, or the channel is an emergency's
   */
  constructor(
    readonly hours: number,
    readonly urgentHours: number,
  ) {}

  dueAt(endedAt: Date, { reason, emergency }: { reason: string; emergency: boolean }): Date {
    const isError = isRetractionReason(reason) && RETRACTION_REASONS[reason].error;
    return new Date(endedAt.getTime() + (isError || emergency ? this.urgentHours : this.hours) * 3_600_000);
  }
}
