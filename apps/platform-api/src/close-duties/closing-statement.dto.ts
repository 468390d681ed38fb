import { IsIn, IsString, IsUUID, Length, Matches } from 'class-validator';

/** What the console says when two operators decided that a platform's statement closes what it owes. */
export class ClosingStatementGiven {
  @IsUUID() proposal_id!: string;
  @IsUUID() proposed_by!: string;
  @IsUUID() confirmed_by!: string;
  @IsString() @Length(1, 2000) reason!: string;
  @IsUUID() platform!: string;
  @Matches(/^[0-9a-f]{64}$/) statement!: string;
  @IsIn(['deleted', 'kept-until-expiry']) says!: 'deleted' | 'kept-until-expiry';
}
