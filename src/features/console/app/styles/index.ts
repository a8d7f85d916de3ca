// In the order in which they may override each other.
import './colours.css';
import './base.css';
import './controls.css';
import './tables.css';
import './overlays.css';
import './prose.css';
import './shell.css';
import './ask.css';
import './viewer.css';
import './documents.css';
import './upload.css';
import './document.css';
import './work.css';
import './overview.css';
import './settings.css';
