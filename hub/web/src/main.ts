import {createApp} from 'vue';
import '@liaison/elements';
import '@liaison/styles/base.css';
import App from './App.vue';

createApp(App).mount('#app');
