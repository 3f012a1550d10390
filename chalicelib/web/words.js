// The words of the page: numbers, times, statuses, verdicts and problems.

import { ADVICE } from "./advice.js";

export const number = (value) => value.toLocaleString("en");

export const counted = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

/** Returns the letters of a 1-based column in a spreadsheet: A to Z, then AA, AB and so on. */
export function letters(field) {
  let name = "";
  for (; field > 0; field = Math.floor((field - 1) / 26)) name = String.fromCharCode(65 + ((field - 1) % 26)) + name;
  return name;
}

export function bytes(size) {
  const units = ["bytes", "KB", "MB", "GB"];
  let step = 0;
  for (; size >= 1000 && step < units.length - 1; step++) size /= 1000;
  return `${size.toLocaleString("en", { maximumFractionDigits: step ? 1 : 0 })} ${units[step]}`;
}

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
export const moment = (iso) => MOMENT.format(new Date(iso));

export function duration(seconds) {
  if (seconds < 10) return `${seconds.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
  seconds = Math.round(seconds);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Whether the file could not be checked. Lists have a member for it; an upload has it in its errors. */
export const isSystemFailure = ({ systemFailure, errors = [] }) => systemFailure ?? errors.some(({ code }) => code === "system-error");

/** Returns the number of errors of the file; empty after a system failure. */
export const errorCount = (upload) => (upload.errorCount === null || isSystemFailure(upload) ? "" : number(upload.errorCount));

export const isVerdict = (status) => status === "VALIDATED" || status === "VALIDATION_FAILED";

const STATUSES = {
  PENDING: "waiting for the file",
  VALIDATING: "validating",
  VALIDATED: "valid",
  VALIDATION_FAILED: "not valid",
};

/** Returns the status of an upload or an attempt, in a few words. */
export function status(upload) {
  if (isSystemFailure(upload)) return "could not be checked";
  return STATUSES[upload.status] ?? upload.status.toLowerCase().replaceAll("_", " ");
}

/** Returns the verdict, or what the upload waits for, as a sentence. */
export function verdict(upload) {
  const rows = upload.rowCount === null ? "" : ` in ${counted(upload.rowCount, "row")}`;
  if (isSystemFailure(upload)) return "The file could not be checked. That says nothing about the file.";
  return {
    PENDING: "Waiting for the file to arrive.",
    VALIDATING: "The file is being checked.",
    VALIDATED: `Valid: nothing is wrong${rows}.`,
    VALIDATION_FAILED: `Not valid: ${counted(upload.errorCount ?? 0, "error")}${rows}.`,
  }[upload.status];
}

const PROBLEMS = {
  Unreachable: "Assay cannot be reached. Check the connection.",
  BucketUnreachable:
    "The file could not be sent. Check the connection and try again. If that does not help, contact the operator of this service.",
  UploadNotFound: "There is no such upload, or it is not yours.",
  AttemptSuperseded: "Another attempt has begun. Look at that one first.",
  NothingToValidate: "No file has arrived for this upload yet, so there is nothing to validate.",
  DatabaseUnavailable: "Assay's database does not answer. Nothing is lost. Try again shortly.",
  MissingAuthenticationTokenException:
    "This deployment has no sign-in: it accepts only requests that are signed with AWS credentials. Ask its operator to set up sign-in, or for a link to the upload.",
  SessionEnded: "Your session has ended. Sign in again.",
  IssuerUnreachable: "The sign-in service cannot be reached. Check the connection and try again.",
  EntityTooLarge: "The file is too large.",
  EntityTooSmall: "The file is empty.",
  AccessDenied: "The permission to upload has expired, or is for another file. Start again.",
};

/** Returns a problem in plain words; its own detail if there are none for it. */
export function problem({ title, detail, status: code }) {
  if (PROBLEMS[title]) return PROBLEMS[title];
  if (code === 403 && title !== "LinkInvalid") return "You are not allowed to see this. Ask the operator of this service for access.";
  if (code >= 500) return "Assay has a problem. Nothing is lost. Try again in a moment.";
  detail = detail?.replace(/^(body|query)\./, "");
  return detail ? `${detail[0].toUpperCase()}${detail.slice(1).replace(/\.$/, "")}.` : `Assay responded with ${code}.`;
}

export const advice = (code) => ADVICE[code] ?? "";
