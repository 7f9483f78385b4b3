import { describe, expect, test } from 'vitest';
import { compile, TemplateError, text } from '#local/iot/provisioning/expression.ts';
import { compileTemplate } from '#local/iot/provisioning/template.ts';

const names = new Set(['Vin', 'Brand']);
const scope = {
  parameters: new Map([
    ['Vin', 'WVWZZZ1JZXW000001'],
    ['Brand', 'opel'],
  ]),
  mappings: { Plants: { opel: { city: 'Eisenach' } } },
};

describe('functions', () => {
  test.each([
    ['plain', 'plain'],
    [{ Ref: 'Brand' }, 'opel'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Brand' }, 'b']] }, 'a-opel-b'],
    [{ 'Fn::Select': [1, ['a', 'b']] }, 'b'],
    [{ 'Fn::Select': ['1', { 'Fn::Split': ['-', 'x-y-z'] }] }, 'y'],
    [{ 'Fn::Join': ['/', { 'Fn::Split': ['-', 'x-y'] }] }, 'x/y'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
    [{ 'Fn::Sub': '${Brand}:${!Brand}' }, 'opel:${Brand}'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
    [{ 'Fn::Sub': ['${Brand}-${x}', { x: { Ref: 'Vin' } }] }, 'opel-WVWZZZ1JZXW000001'],
    [{ 'Fn::FindInMap': ['Plants', { Ref: 'Brand' }, 'city'] }, 'Eisenach'],
  ])('%j is evaluated', (expression, value) => {
    expect(text(compile(expression, names, 'here')(scope))).toBe(value);
  });

  test.each([
    [{ Ref: 'Colour' }],
    [{ 'Fn::GetAtt': ['a', 'b'] }],
    [{ 'Fn::Join': ['-'] }],
    [{ Ref: 'Vin', 'Fn::Join': ['', []] }],
    [{}],
    [7],
    [null],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
    [{ 'Fn::Sub': '${Colour}' }],
  ])('%j is not understood, and the template is refused before a device comes', (expression) => {
    expect(() => compile(expression, names, 'here')).toThrow(TemplateError);
  });

  test.each([
    [{ 'Fn::Select': ['2', ['a', 'b']] }],
    [{ 'Fn::Select': ['constructor', ['a', 'b']] }],
    [{ 'Fn::FindInMap': ['Plants', 'constructor', 'name'] }],
    [{ 'Fn::Join': ['-', 'text'] }],
  ])('%j has no value', (expression) => {
    expect(() => compile(expression, names, 'here')(scope)).toThrow(TemplateError);
  });
});

describe('a template', () => {
  const certificate = {
    Type: 'AWS::IoT::Certificate',
    Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
  };
  const body = (resources: object, parameters: object = {}) =>
    JSON.stringify({ Parameters: parameters, Resources: { certificate, ...resources } });

  test('a parameter without a value and without a default is missing', () => {
    const template = compileTemplate(body({}, { Vin: { Type: 'String' }, Market: { Type: 'String', Default: 'DE' } }));
    expect(() => template.plan({}, 'id')).toThrow('The parameter Vin is missing');
    expect(template.plan({ Vin: 'x' }, 'id').certificateStatus).toBe('ACTIVE');
  });

  test('a device cannot name the certificate: that parameter is set by the service', () => {
    const thing = { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'AWS::IoT::Certificate::Id' } } };
    const template = compileTemplate(body({ thing }));
    expect(template.plan({ 'AWS::IoT::Certificate::Id': 'other' }, 'own').thing?.thingName).toBe('own');
  });

  test.each([
    ['not JSON', '{'],
    ['no certificate', JSON.stringify({ Resources: {} })],
    ['an unknown type', body({ x: { Type: 'AWS::IoT::JobTemplate', Properties: {} } })],
    [
      'an unknown property',
      body({ x: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'a', BillingGroup: 'b' } } }),
    ],
    [
      'a policy with name and text',
      body({ x: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'a', PolicyDocument: '{}' } } }),
    ],
    ['another certificate', body({ y: certificate })],
    ['a number as a parameter type', body({}, { Vin: { Type: 'Number' } })],
  ])('%s is refused when the template is made', (_what, text) => {
    expect(() => compileTemplate(text)).toThrow(TemplateError);
  });
});
