import { mount } from "svelte";
import { startKeyboard } from "$lib/state/keyboard.svelte";
import { startRouter } from "$lib/state/router.svelte";
import { session } from "$lib/state/session.svelte";
import App from "./App.svelte";
import "./styles/base.css";

startRouter();
startKeyboard();
void session.start();

const target = document.getElementById("console");
if (target !== null) mount(App, { target });
