using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>What a session means is said by the platform alone.</summary>
public static class PostgresSession
{
    private const string Timezone = "UTC";

    extension(NpgsqlConnectionStringBuilder connection)
    {
        /// <summary>
        /// Pins what Npgsql else takes from the environment: PGCLIENTENCODING would damage what is stored, PGTZ shift it, and PGOPTIONS
        /// have names mean other tables. Whom to log in as, and the files for it, stay the environment's to say.
        /// </summary>
        /// <param name="options">Settings of the server, as <c>-c name=value</c>: an empty text counts as none.</param>
        public void PinSession(string options)
        {
            connection.PinEncoding();
            connection.Timezone = Timezone;
            connection.Options = options;
        }

        /// <summary>
        /// As <see cref="PinSession"/>, for a database of somebody else: its own settings hold, and a pooler before it may refuse options.
        /// So they are sent only where the environment's would be.
        /// </summary>
        public void PinForeignSession()
        {
            connection.PinEncoding();
            connection.Timezone = IsSet("PGTZ") ? Timezone : null;
            connection.Options = IsSet("PGOPTIONS") ? $"-c TimeZone={Timezone}" : null;
        }

        private void PinEncoding()
        {
            connection.Encoding = "UTF8";
            connection.ClientEncoding = "UTF8";
        }
    }

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
