import { relayContract } from '#tests/contracts/relay.ts';
import { wialonHarness } from '#tests/support/wialonHarness.ts';

relayContract({ name: 'over Wialon', start: wialonHarness });
