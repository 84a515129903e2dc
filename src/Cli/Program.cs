using ZohoPlatform.Cli;

return await ZohoCommand.Create().Parse(args).InvokeAsync();
