import { App } from 'aws-cdk-lib';
import cdkJson from '../cdk.json' with { type: 'json' };
import { bundle, functionsDirectory } from './bundle.ts';
import { fleetloom } from './fleetloom.ts';

// FLEETLOOM_BUNDLED=1 says that dist/functions is as it should be.
if (process.env['FLEETLOOM_BUNDLED'] !== '1') await bundle();

// The CDK's command line hands over the context of cdk.json itself, and what `--context` says wins; local
// mode runs this file without it.
const app = new App({ analyticsReporting: false, context: cdkJson.context });
fleetloom(app, functionsDirectory);
// Local mode turns the judges off to start fast: they look at nothing that changes from one start to the next.
if (process.env['CDK_VALIDATION'] !== 'false') {
  const { judgeByAwsSolutions } = await import('./nag.ts');
  judgeByAwsSolutions(app);
}
app.synth();
