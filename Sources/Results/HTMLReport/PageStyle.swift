import Drawing

/// How the page looks, on screens of any width, in light and dark, and on paper.
enum PageStyle {
  static let text =
    StyleSheet.ofPage + """

      *{box-sizing:border-box}
      html{scroll-padding-top:5rem}
      body{margin:0;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;color:var(--i);background:var(--p)}
      body>*{padding:0 clamp(.8rem,2.5vw,2.5rem)}
      h1{font-size:1.35rem;line-height:1.25;margin:.8rem 0 .2rem}
      h2{font-size:1.3rem;margin:2.6rem 0 .6rem;padding-top:.6rem;border-top:2px solid var(--g)}
      h3{font-size:1.08rem;margin:1.6rem 0 .4rem}
      h4{font-size:1rem;margin:1rem 0 .3rem}
      p,li{max-width:48rem;overflow-wrap:anywhere}
      a{color:var(--b)}
      a:focus-visible,button:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--o);outline-offset:2px}
      code{font:.82em/1.45 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere}
      .skip{position:absolute;left:-99rem}
      .skip:focus{left:0;background:var(--p);z-index:9;padding:.5rem}
      .warning{position:sticky;top:0;z-index:5;padding-top:.35rem;padding-bottom:.35rem;background:var(--v);color:var(--p);font-weight:600;font-size:.9rem;line-height:1.3}
      .warning p{margin:0;max-width:none}
      .warnings{border-left:5px solid var(--v);padding:.1rem 0 .1rem .8rem;margin:.8rem 0}
      .lead{font-size:1.12rem;max-width:60rem;margin:.2rem 0 .6rem}
      .note,figcaption,.small{font-size:.86rem;color:var(--f);margin:.3rem 0}
      nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;padding:0;margin:.3rem 0}
      .gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));gap:.8rem 1.6rem;align-items:start}
      .gallery.small{grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr))}
      .gallery.wide{grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}
      figure{margin:0;break-inside:avoid;min-width:0}
      .picture{display:block;width:100%;height:auto;max-width:34rem;font-family:Helvetica,Arial,sans-serif}
      .wide .picture{max-width:46rem}
      .scroll{overflow-x:auto;max-width:100%;margin:.6rem 0}
      table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
      caption{text-align:left;font-weight:600;padding:.2rem 0;caption-side:top}
      th,td{padding:.22rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--g)}
      thead th{vertical-align:bottom;border-bottom:2px solid var(--f)}
      tbody th{font-weight:600;white-space:nowrap}
      th.n,td.n{text-align:right}
      td.n{white-space:nowrap}
      td code,th code{display:inline-block;min-width:15rem}
      td.digest{font:.74rem ui-monospace,"DejaVu Sans Mono",monospace;min-width:17rem;overflow-wrap:anywhere}
      td .small,th .small{display:block;margin:0;font-size:.92em;font-weight:400;white-space:nowrap}
      td a{text-decoration-thickness:1px;text-underline-offset:2px}
      td.best .value{font-weight:700}
      th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
      th button::after{content:" \\2195";color:var(--f)}
      th[aria-sort=ascending] button::after{content:" \\2191"}
      th[aria-sort=descending] button::after{content:" \\2193"}
      details{border-bottom:1px solid var(--g);padding:.25rem 0}
      summary{cursor:pointer;padding:.2rem 0}
      summary b{margin-right:.6rem}
      .verdict{display:inline-block;padding:0 .5em;border:2px solid currentColor;border-radius:.6em;font-weight:600;font-size:.86rem}
      .strip{image-rendering:pixelated;max-width:100%;height:auto;vertical-align:middle}
      @media (max-width:600px){body{font-size:15px}.strip{width:11rem}}
      @media print{
      @page{size:A4;margin:15mm 13mm 17mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif}}
      body{font-size:9.5pt}
      body>*{padding:0}
      nav,.skip{display:none}
      .warning{position:static;background:none;color:var(--v);border:1.5pt solid var(--v)}
      a{color:inherit;text-decoration:none}
      .scroll{overflow:visible}
      table{font-size:6.6pt}
      #tables .scroll{break-inside:avoid}
      th,td{padding:.6mm 1.1mm}
      tr,figure,svg{break-inside:avoid}
      h2,h3,h4,caption,summary{break-after:avoid}
      .gallery,.gallery.small{grid-template-columns:repeat(2,1fr);gap:4mm}
      .gallery.small{grid-template-columns:repeat(3,1fr)}
      tbody th{white-space:normal}
      td.digest{min-width:0;font-size:5.5pt}
      code{font-size:6pt}
      td code,th code{min-width:0}
      th button::after{content:""}
      details::details-content{content-visibility:visible;height:auto}
      summary{list-style:none}
      }

      """

  /// The words of @bottom-left: what must stand on every sheet of paper.
  static func paperNotice(_ text: String) -> String {
    let quoted = text.filter { $0 != "\"" && $0 != "\\" && $0 != "<" && !$0.isNewline }
    return "@media print{@page{@bottom-left{content:\"\(quoted)\";font:8pt sans-serif}}}\n"
  }
}
