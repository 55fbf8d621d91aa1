//! A report on paper.

use super::{Amount, Chart, Row, Sheet, Table, Tile};
use crate::format::{grouped, money};
use crate::paper::page::{Face, Pages, Paper};
use crate::paper::{Letterhead, letters};

const MARGIN: f32 = 48.0;
const TILE_HEIGHT: f32 = 52.0;
const CHART_HEIGHT: f32 = 120.0;
/// Places that a chart on paper holds.
const PLACES_MAX: usize = 12;
const LINE: f32 = 15.0;
const SMALL: f32 = 8.0;
const NORMAL: f32 = 9.0;

impl Sheet {
    /// The report as PDF.
    pub fn pdf(&self, head: &Letterhead<'_>) -> Vec<u8> {
        let mut pages = Pages::new(Paper::of_region(head.region), MARGIN);
        pages.text(&self.title, (Face::Bold, 18.0), 0.1);
        pages.down(20.0);
        pages.text(&self.subtitle, (Face::Plain, NORMAL), 0.35);
        pages.down(18.0);
        if let Some(empty) = &self.empty {
            pages.text(empty, (Face::Plain, 11.0), 0.1);
            pages.down(24.0);
        } else {
            tiles(&mut pages, &self.tiles, head.currency);
            self.charts
                .iter()
                .filter(|chart| !chart.bars.is_empty())
                .for_each(|of| chart(&mut pages, of, head.currency));
            self.tables.iter().for_each(|of| table(&mut pages, of, head.currency));
        }
        for note in &self.notes {
            pages.paragraph(note, (Face::Plain, SMALL), 0.35);
            pages.down(3.0);
        }
        pages.finish(&self.title, &head.foot())
    }
}

fn tiles(pages: &mut Pages, tiles: &[Tile], currency: &str) {
    let width = (pages.width() - 8.0 * 3.0) / 4.0;
    pages.need(TILE_HEIGHT);
    for (index, tile) in tiles.iter().take(4).enumerate() {
        let x = index as f32 * (width + 8.0);
        let room = width - 16.0;
        pages.frame(x, width, TILE_HEIGHT);
        pages.at(x + 8.0, 14.0, &letters::cut(tile.name, SMALL, room), (Face::Plain, SMALL), 0.35);
        let figure = tile.cell.amount.text(currency);
        let size = (room / letters::width(&figure, 1.0)).clamp(6.0, 14.0);
        pages.at(x + 8.0, 30.0, &figure, (Face::Bold, size), 0.1);
        let hint = letters::cut(&tile.hint_text(currency), SMALL, room);
        pages.at(x + 8.0, 44.0, &hint, (Face::Plain, SMALL), 0.45);
    }
    pages.down(TILE_HEIGHT + 18.0);
}

/// The shade of the n-th bar of a place.
const fn shade(index: usize) -> f32 {
    match index {
        0 => 0.25,
        1 => 0.55,
        _ => 0.8,
    }
}

fn chart(pages: &mut Pages, chart: &Chart, currency: &str) {
    pages.need(CHART_HEIGHT + 50.0);
    pages.text(chart.name, (Face::Bold, 10.0), 0.1);
    let mut x = letters::width(chart.name, 10.0) + 24.0;
    for (index, (name, _)) in chart.series.iter().enumerate().filter(|(_, (name, _))| !name.is_empty()) {
        pages.fill((x, -7.0), (7.0, 7.0), shade(index));
        pages.at(x + 11.0, 0.0, name, (Face::Plain, SMALL), 0.35);
        x += letters::width(name, SMALL) + 28.0;
    }
    pages.down(12.0);
    let bars: Vec<_> = chart.bars.iter().take(PLACES_MAX).collect();
    let largest = bars.iter().flat_map(|bar| &bar.values).copied().max().unwrap_or(0).max(1);
    let place = pages.width() / bars.len().max(1) as f32;
    for (index, bar) in bars.iter().enumerate() {
        let left = index as f32 * place;
        let thick = (place * 0.7 / bar.values.len().max(1) as f32).min(46.0);
        for (at, value) in bar.values.iter().enumerate() {
            let height = (CHART_HEIGHT - 16.0) * *value as f32 / largest as f32;
            let x = left + at as f32 * thick;
            pages.fill((x, CHART_HEIGHT - height), (thick - 1.5, height.max(0.5)), shade(at));
            let text = if chart.is_money { money(*value, currency) } else { grouped(value.unsigned_abs()) };
            let text = if chart.is_money { text.split('.').next().unwrap_or("").to_owned() } else { text };
            if *value > 0 && letters::width(&text, 6.5) <= thick + 8.0 {
                pages.at(x, CHART_HEIGHT - height - 3.0, &text, (Face::Plain, 6.5), 0.35);
            }
        }
        pages.at(left, CHART_HEIGHT + 11.0, &letters::cut(&bar.name, SMALL, place - 4.0), (Face::Plain, SMALL), 0.1);
    }
    pages.rule(CHART_HEIGHT);
    pages.down(CHART_HEIGHT + 32.0);
}

fn table(pages: &mut Pages, table: &Table, currency: &str) {
    let (widths, size) = measure(pages, table, currency);
    pages.need(LINE * 4.0);
    pages.text(table.name, (Face::Bold, 10.0), 0.1);
    pages.down(LINE);
    heads(pages, table, &widths, size);
    for row in &table.rows {
        if pages.is_full(LINE) {
            pages.turn();
            heads(pages, table, &widths, size);
        }
        let face = if row.is_total { Face::Bold } else { Face::Plain };
        let texts: Vec<String> = row.cells.iter().map(|cell| cell.amount.text(currency)).collect();
        line(pages, &texts, (&widths, (face, size)));
    }
    pages.down(14.0);
}

fn heads(pages: &mut Pages, table: &Table, widths: &[f32], size: f32) {
    let heads: Vec<String> = table.columns.iter().map(|head| (*head).to_owned()).collect();
    line(pages, &heads, (widths, (Face::Bold, size)));
}

fn line(pages: &mut Pages, texts: &[String], (widths, (face, size)): (&[f32], (Face, f32))) {
    let mut x = 0.0;
    for (index, (text, width)) in texts.iter().zip(widths).enumerate() {
        let text = letters::cut(text, size, width - 4.0);
        let left = if index == 0 { x } else { x + width - letters::width(&text, size) };
        pages.at(left, 0.0, &text, (face, size), 0.1);
        x += width;
    }
    pages.rule(4.5);
    pages.down(LINE);
}

/// The columns' widths, and the size of the letters: smaller where a table is too wide for the paper.
fn measure(pages: &Pages, table: &Table, currency: &str) -> (Vec<f32>, f32) {
    let width = |index: usize, head: &&str| {
        let text = |row: &Row| row.cells.get(index).map(|cell| &cell.amount).map(|of: &Amount| of.text(currency));
        let cells = table.rows.iter().filter_map(text).map(|text| letters::width(&text, NORMAL));
        let widest = cells.fold(letters::width(head, NORMAL) * 1.06, f32::max);
        if index == 0 { widest.clamp(60.0, 170.0) } else { widest + 10.0 }
    };
    let mut widths: Vec<f32> = table.columns.iter().enumerate().map(|(index, head)| width(index, head)).collect();
    let needed: f32 = widths.iter().sum();
    let scale = (pages.width() / needed).min(1.0);
    widths.iter_mut().for_each(|width| *width *= scale);
    if let Some(first) = widths.first_mut() {
        *first += (pages.width() - needed * scale).max(0.0);
    }
    (widths, NORMAL * scale)
}
