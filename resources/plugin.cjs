// twinstream/serverless: brings functions, resources, roles and settings to a serverless.yml, whose own values win key by key.
const { join, relative } = require('node:path');
const { collisionOf, extendBundling } = require('./bundling.cjs');
const { removeAtExit } = require('./leftovers.cjs');
const { isObject, listOf, mapTexts, merge } = require('./merge.cjs');
const paths = require('./paths.cjs');
const { path: pipeline } = require('./pipeline-path.cjs');

module.exports = class TwinstreamPlugin {
  constructor(serverless, _options, utils) {
    this.serverless = serverless;
    this.hooks = { initialize: () => this.mergeLater(), ...require('./hooks.cjs')(serverless, utils) };
  }

  async asyncInit() {
    // The package brings its page built.
    if (!paths.isPackage) await (await import(join(paths.root, 'scripts/page.mjs'))).buildPage();
    const { serverless } = this;
    const input = serverless.configurationInput;
    const ours = await this.readService();
    const file = await this.readFile();
    const collision = collisionOf(serverless.serviceDir, ours.functions);
    if (collision !== undefined) this.refuse(`${collision}: Expected no file where a function of Twinstream has its own; put yours into another folder`);
    this.refuseLoneStage(file);
    const esbuild = this.loadEsbuild(input.plugins);

    const later = [];
    const extend = (key, users) => serverless.extendConfiguration([key], merge(ours[key], users, later, [key]));
    extend('params', input.params);
    extend('provider', this.providerOf(input, file));
    extend('package', input.package);
    extend('custom', input.custom);
    serverless.extendConfiguration(['custom', 'esbuild', 'alias'], {
      ...paths.alias,
      '#pipeline': pipeline,
      '#platform': paths.file(`shared/platforms/\${param:platform}`),
      ...input.custom?.esbuild?.alias,
    });
    extend('functions', Object.assign({}, ...listOf(input.functions)));
    if (later.length > 0) serverless.extendConfiguration(['custom', 'twinstream', 'later'], later);
    serverless.extendConfiguration(['resources'], [...listOf(ours.resources), ...listOf(input.resources)]);
    extendBundling(esbuild, ours.functions);
    removeAtExit(() => [serverless.service.service, ...Object.keys(serverless.service.functions)]);
  }

  /** service.yml, whose files are found from the service's folder. */
  async readService() {
    const from = relative(this.serverless.serviceDir, paths.root).replaceAll('\\', '/');
    const service = await this.serverless.yamlParser.parse(join(__dirname, 'service.yml'));
    return mapTexts(service, (text) => text.replaceAll('${file(', `\${file(${from === '' ? '' : `${from}/`}`));
  }

  /** The user's file as written: by now the framework has written its defaults into the configuration. */
  async readFile() {
    const { configurationFilename: name, configurationInput, serviceDir, yamlParser } = this.serverless;
    return /\.ya?ml$/.test(name) ? await yamlParser.parse(join(serviceDir, name)) : configurationInput;
  }

  providerOf(input, file) {
    const { stage, versionFunctions } = isObject(file.provider) ? file.provider : {};
    const asked = this.serverless.processedInput.options.stage ?? 'local';
    return { ...input.provider, versionFunctions, stage: stage === undefined ? asked : input.provider.stage };
  }

  /** osls 4.3.1 resolves no variable that a plugin adds if provider.stage was the only one in the file. */
  refuseLoneStage(file) {
    const texts = [];
    mapTexts(file, (text) => {
      if (text.includes('${')) texts.push(text);
    });
    if (texts.length > 0 && texts.every((text) => [file.provider?.stage, file.provider?.name].includes(text)))
      this.refuse('provider.stage: Expected no variable where the file has no other one: leave it out, it is --stage, or local');
  }

  /** This plugin is loaded first, so its hooks come before those of serverless-esbuild. */
  loadEsbuild(plugins) {
    const { pluginManager } = this.serverless;
    const Esbuild = (() => {
      try {
        return require('serverless-esbuild');
      } catch (cause) {
        return this.refuse("Expected the package serverless-esbuild, it is not installed: npm i -D 'serverless-esbuild@^1.57.2'", cause);
      }
    })();
    if (!listOf(plugins).includes('serverless-esbuild')) {
      Object.defineProperty(Esbuild, '_serverlessExternalPluginName', { value: 'serverless-esbuild', configurable: true, writable: true });
      pluginManager.addPlugin(Esbuild);
    }
    return pluginManager.plugins.find((plugin) => plugin instanceof Esbuild);
  }

  /** Pairs of which one side was a variable, once it is resolved. */
  mergeLater() {
    const { service } = this.serverless;
    for (const { path, ours, users } of service.custom.twinstream?.later ?? []) {
      const holder = path.slice(0, -1).reduce((value, key) => value[key], service);
      holder[path.at(-1)] = merge(ours, users, [], []);
    }
  }

  refuse(message, cause) {
    throw Object.assign(new this.serverless.classes.Error(message), { cause });
  }
};
