namespace ZohoPlatform.Gateway.Security;

/// <summary>What every answer tells browsers to refuse.</summary>
internal static class SecurityHeaders
{
    private const string Nothing = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    // the API's own documentation page loads its script and style from this origin, and styles its icons inline
    private const string DocumentationPage =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static string PolicyWithStyle(string nonce) => $"{Nothing}; style-src 'nonce-{nonce}'";

    extension(IApplicationBuilder app)
    {
        /// <param name="isHttps">Whether browsers reach the gateway by https, whatever the last hop is.</param>
        public void UseSecurityHeaders(bool isHttps) => app.Use((context, next) =>
        {
            // at the end, because an error handler empties the headers on its way
            context.Response.OnStarting(() =>
            {
                var headers = context.Response.Headers;
                headers.XContentTypeOptions = "nosniff";
                headers.XFrameOptions = "DENY";
                headers["Referrer-Policy"] = "no-referrer";
                if (headers.ContentSecurityPolicy.Count == 0)
                {
                    headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/swagger", StringComparison.OrdinalIgnoreCase) ? DocumentationPage : Nothing;
                }

                if (context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
                {
                    headers.CacheControl = "no-store";
                }

                if (isHttps)
                {
                    headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
                }

                return Task.CompletedTask;
            });
            return next(context);
        });
    }
}
