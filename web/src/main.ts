import { mount } from 'svelte';
import App from './App.svelte';
import { keys } from './keys.svelte';
import { router } from './router.svelte';
import { known } from './state/known.svelte';
import { live } from './state/live.svelte';
import { world } from './state/world.svelte';
import './styles/app.css';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
router.listen();
keys.listen();
if (known.asked === null) live.start();
else void known.load();
void world.load();
mount(App, { target });
