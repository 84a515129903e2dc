using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.Gateway.Security;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.OAuth;

/// <summary>What a person sees at the end of the flow. One page without scripts; every value that came from outside is encoded.</summary>
internal sealed class ResultPage : IResult
{
    private const string Style =
        """
        :root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #dfe4ea; --ground: #f5f7f9; --card: #fff; --good: #14734a; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) {
            :root { --ink: #e8ecf1; --soft: #9aa5b4; --line: #333c48; --ground: #12161c; --card: #1b2129; --good: #5fd3a0; --bad: #ff8a80; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px 16px; background: var(--ground); color: var(--ink);
            font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        main { width: 100%; max-width: 560px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 32px; }
        .mark { width: 44px; height: 44px; border-radius: 50%; display: grid; place-items: center; font-size: 22px; font-weight: 700; color: var(--card); }
        .good .mark { background: var(--good); }
        .bad .mark { background: var(--bad); }
        h1 { margin: 16px 0 4px; font-size: 24px; line-height: 1.25; }
        p { margin: 0 0 16px; color: var(--soft); }
        dl { margin: 24px 0 0; border-top: 1px solid var(--line); }
        dl div { display: grid; grid-template-columns: 150px 1fr; gap: 8px; padding: 10px 0; border-bottom: 1px solid var(--line); }
        dt { color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; }
        .missing dd { color: var(--bad); }
        footer { margin-top: 24px; color: var(--soft); font-size: 14px; }
        @media (max-width: 480px) { main { padding: 24px 20px; } dl div { grid-template-columns: 1fr; gap: 0; } }
        """;

    private readonly int _status;
    private readonly bool _good;
    private readonly string _title;
    private readonly string _text;
    private readonly IReadOnlyList<(string Name, string Value, bool Missing)> _facts;

    private ResultPage(int status, bool good, string title, string text, IReadOnlyList<(string Name, string Value, bool Missing)> facts) =>
        (_status, _good, _title, _text, _facts) = (status, good, title, text, facts);

    public static ResultPage Connected(Connection connection)
    {
        var provider = connection.ProviderTitle;
        var facts = new List<(string, string, bool)> { ("Provider", provider, false) };
        if (connection.DataCentre.Length > 0)
        {
            facts.Add(("Data centre", connection.DataCentre, false));
        }

        if (connection.OrganizationIds.Count > 0)
        {
            facts.Add(("Account", string.Join(", ", connection.OrganizationIds), false));
        }

        facts.AddRange(
        [
            ("Owner", connection.Owner, false),
            ("Used for", string.Join(", ", connection.Features), false),
            ("Granted", connection.GrantedScopes.Count == 0 ? "the provider did not say" : string.Join(", ", connection.GrantedScopes), false),
        ]);
        if (connection.MissingScopes.Count > 0)
        {
            facts.Add(("Missing", string.Join(", ", connection.MissingScopes), true));
        }

        return new ResultPage(
            StatusCodes.Status200OK,
            good: true,
            $"{provider} is connected",
            connection.MissingScopes.Count == 0
                ? "The platform has what it needs. You can close this page."
                : "It works in part: some permissions were not given. Connect once more and accept all of them.",
            facts);
    }

    public static ResultPage Failed(Failure failure) => new(
        failure.Kind.HttpStatus, good: false, "Not connected", failure.Message, [("Code", failure.Code, false)]);

    /// <summary>Something inside the platform broke; the logs have the details.</summary>
    public static ResultPage Broken(string traceId) => new(
        StatusCodes.Status500InternalServerError,
        good: false,
        "Not connected",
        "Something went wrong inside the platform. Begin again; if it happens once more, ask for help with the trace id below.",
        [("Trace id", traceId, false)]);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
        var response = httpContext.Response;
        response.StatusCode = _status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = SecurityHeaders.PolicyWithStyle(nonce);
        return response.WriteAsync(Render(nonce), httpContext.RequestAborted);
    }

    private string Render(string nonce)
    {
        var facts = new StringBuilder();
        foreach (var (name, value, missing) in _facts)
        {
            facts.Append(
                CultureInfo.InvariantCulture,
                $"""<div{(missing ? " class=\"missing\"" : "")}><dt>{WebUtility.HtmlEncode(name)}</dt><dd>{WebUtility.HtmlEncode(value)}</dd></div>""");
        }

        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{WebUtility.HtmlEncode(_title)}</title>
            <style nonce="{nonce}">
            {Style}
            </style>
            </head>
            <body>
            <main class="{(_good ? "good" : "bad")}">
            <div class="mark" aria-hidden="true">{(_good ? "&#10003;" : "!")}</div>
            <h1>{WebUtility.HtmlEncode(_title)}</h1>
            <p>{WebUtility.HtmlEncode(_text)}</p>
            <dl>{facts}</dl>
            <footer>The Zoho platform</footer>
            </main>
            </body>
            </html>
            """;
    }
}
