// In the order in which they may override each other.
import './base.css';
import './shell.css';
import './ask.css';
import './viewer.css';
import './documents.css';
