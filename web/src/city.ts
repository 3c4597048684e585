import "virtual:fonts.css";
import "./tokens.css";
import "./page.css";
