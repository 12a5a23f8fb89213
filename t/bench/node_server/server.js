// A plain Node.js server for terminals, for t/bench and nothing else: what
// one writes with "ws" and "pg". Every record is one INSERT … ON CONFLICT that
// commits by itself, and the reply to a sendlog comes after the commits. The
// table is wac's, with its constraint and indexes.
//
//     DATABASE='{"host": …}' PORT=7788 [PREPARED=1] node server.js
//
// With PREPARED the statement is prepared once on each connection, which few
// write; without, PostgreSQL parses and plans it for every record.
'use strict';

const { WebSocketServer } = require('ws');
const { Pool } = require('pg');

const pool = new Pool({ ...JSON.parse(process.env.DATABASE), max: 20 });

const INSERT = {
  ...(process.env.PREPARED ? { name: 'insert_log' } : {}),
  text: `INSERT INTO wac_attendance_logs AS l (sn, enrollid, record_time,
           record_instant, mode, "inout", event, method, direction, protocol,
           raw)
         VALUES ($1, $2, $3, $3::timestamp AT TIME ZONE 'UTC', $4, $5, $6,
           'finger', 'in', 'cloud', $7)
         ON CONFLICT ON CONSTRAINT wac_attendance_logs_once
           DO UPDATE SET resends = l.resends + 1`,
};

const two = (number) => String(number).padStart(2, '0');

function cloudtime() {
  const now = new Date();
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-` +
    `${two(now.getDate())} ${two(now.getHours())}:${two(now.getMinutes())}:` +
    `${two(now.getSeconds())}`;
}

function insert(sn, record) {
  return pool.query({
    ...INSERT,
    values: [sn, String(record.enrollid), record.time, record.mode,
      record.inout, record.event, JSON.stringify(record)],
  });
}

async function answer(message) {
  switch (message.cmd) {
    case 'reg':
      return { ret: 'reg', result: true, cloudtime: cloudtime(),
        nosenduser: true };
    case 'sendlog':
      await Promise.all(message.record.map(
        (record) => insert(message.sn, record)));
      return { ret: 'sendlog', result: true, count: message.count,
        logindex: message.logindex, cloudtime: cloudtime(), access: 1 };
    default:
      return { ret: message.cmd, result: true, cloudtime: cloudtime() };
  }
}

const server = new WebSocketServer({
  host: '127.0.0.1', port: Number(process.env.PORT), perMessageDeflate: false,
});

server.on('connection', (socket) => {
  socket.on('message', async (data) => {
    try {
      socket.send(JSON.stringify(await answer(JSON.parse(data))));
    } catch (error) {
      console.error(error.message);
      socket.close(1011);
    }
  });
});

server.on('listening', () => console.log('ready'));
