import "virtual:fonts.css";
import "./tokens.css";
