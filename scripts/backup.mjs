// node scripts/backup.mjs FOLDER
process.argv.splice(2, 0, 'backup');
await import('./twinstream.mjs');
