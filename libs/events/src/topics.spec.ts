import { channelTopicPlan, FEEDBACK_TOPIC_PLAN, platformTopicPlan, SUBMISSIONS_TOPIC_PLAN } from './topics.js';

describe('the plans of topics', () => {
  it.each([SUBMISSIONS_TOPIC_PLAN, FEEDBACK_TOPIC_PLAN, channelTopicPlan('nordic'), platformTopicPlan('forum')])(
    "take the broker's time, so that no sender's clock has records refused: $topic",
    ({ configs }) => expect(configs).toMatchObject({ 'message.timestamp.type': 'LogAppendTime' }),
  );
});
