using ZohoPlatform.Cli;

return await Edge.InvokeAsync(ZohoCommand.Create(), args);
